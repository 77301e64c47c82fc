import type { ChainPoint } from '../chain.ts';
import { assertNever } from '../errors.ts';
import type { OfficeId } from '../event.ts';
import type { Ports } from '../ports.ts';
import type { GreetingOutcome } from './greeting.ts';
import { LIMITS } from './limits.ts';
import type {
  Adopt,
  Batch,
  ControlMessage,
  HashedBytes,
  Hello,
  Refused,
  Subscription,
  UpMessage,
} from './messages.ts';

/**
 * The head's end of the protocol, one machine for each branch. It holds nothing that the database does not hold,
 * but for the session it last heard from: after a restart of the head every branch is asked to greet again, since the
 * head cannot tell by itself whether its database is the one it was.
 *
 * Invariants: an acknowledgement is sent only for a cursor that a committed transaction returned; a message is
 * answered in its own session, to the process that sent it.
 */
export interface HeadState {
  readonly office: OfficeId;
  /** The session heard from last, and whose it is; '' before the first message. */
  readonly nonce: string;
  readonly instance: string;
  /** Whether this process answered the session's greeting. One of an earlier process is asked to greet again. */
  readonly isWelcomed: boolean;
  /** The gap that was reported last: one report for each round trip. */
  readonly gapAt: number | null;
  /** How many `returned` messages of this session were taken. */
  readonly returned: number;
  readonly leaseDueAtMs: number;
  readonly challenge: Challenge | null;
  readonly beaconAtMs: number;
  readonly lastContactAtMs: number;
}

/** Another process greets while somebody holds the lease: the holder is asked to greet again. */
export interface Challenge {
  /** The process that greets. */
  readonly by: string;
  /** How far the holder has come: it has greeted again, and has spoken in that session. */
  readonly stage: 'asked' | 'greeted' | 'answered';
  readonly againAtMs: number;
}

/** Whom an answer goes to. */
export interface Session {
  readonly nonce: string;
  readonly instance: string;
}

export type HeadInput =
  | { readonly on: 'message'; readonly message: UpMessage }
  | { readonly on: 'tick' }
  | {
      readonly on: 'greeted';
      readonly hello: Hello;
      readonly subscribe: Subscription;
      readonly outcome: GreetingOutcome;
    }
  | {
      readonly on: 'batch-applied';
      readonly session: Session;
      readonly verdict: 'ok' | 'gap' | 'fork';
      readonly cursor: ChainPoint;
      readonly safeSeq: number;
    }
  | { readonly on: 'batch-refused'; readonly session: Session; readonly detail: string }
  | {
      readonly on: 'cursor-read';
      readonly session: Session;
      readonly probe: number;
      readonly cursor: ChainPoint;
      readonly safeSeq: number;
    }
  | {
      readonly on: 'granted';
      readonly session: Session;
      readonly epoch: number;
      readonly adopt: Omit<Adopt, 'epoch'> | null;
    }
  | {
      readonly on: 'returned-applied';
      readonly session: Session;
      readonly number: number;
      readonly end: boolean;
    };

export type HeadEffect =
  /** To one process of the branch; its queue is declared first. */
  | { readonly do: 'send'; readonly to: string; readonly message: ControlMessage }
  | { readonly do: 'declare'; readonly instance: string; readonly subscribe: Subscription | null }
  | { readonly do: 'greet'; readonly hello: Hello }
  | { readonly do: 'apply-batch'; readonly session: Session; readonly batch: Batch }
  | { readonly do: 'read-cursor'; readonly session: Session; readonly probe: number }
  /** Reads and sends own events after `after`. */
  | { readonly do: 'answer-fetch'; readonly session: Session; readonly after: number }
  /** Reads and sends the subscription after `after`. */
  | {
      readonly do: 'answer-pull';
      readonly session: Session;
      readonly feedEpoch: number;
      readonly after: number;
    }
  | { readonly do: 'grant'; readonly session: Session; readonly adopt: Omit<Adopt, 'epoch'> | null }
  | {
      readonly do: 'apply-returned';
      readonly session: Session;
      readonly number: number;
      readonly events: readonly HashedBytes[];
      readonly end: boolean;
    }
  /** The session is confirmed and alive; only if it is still this process's. */
  | { readonly do: 'renew-lease'; readonly instance: string; readonly untilMs: number }
  | { readonly do: 'end-lease'; readonly instance: string }
  /** Reads the subscription's end and sends a beacon. */
  | { readonly do: 'send-beacon'; readonly session: Session }
  | { readonly do: 'alarm'; readonly type: string; readonly detail: string };

export interface HeadStep {
  readonly state: HeadState;
  readonly effects: readonly HeadEffect[];
}

export function startHead(office: OfficeId): HeadState {
  return {
    office,
    nonce: '',
    instance: '',
    isWelcomed: false,
    gapAt: null,
    returned: 0,
    leaseDueAtMs: 0,
    challenge: null,
    beaconAtMs: 0,
    lastContactAtMs: 0,
  };
}

export function stepHead(state: HeadState, input: HeadInput, ports: Ports): HeadStep {
  switch (input.on) {
    case 'message':
      return hear(state, input.message, ports);
    case 'tick':
      return onTick(state, ports);
    case 'greeted':
      return greeted(state, input, ports);
    case 'batch-applied':
      return batchApplied(state, input);
    case 'batch-refused':
      return batchRefused(state, input);
    case 'cursor-read':
      return {
        state: { ...state, gapAt: null },
        effects: [ack(input.session, input.cursor, input.safeSeq, 'ok', input.probe)],
      };
    case 'granted':
      return granted(state, input);
    case 'returned-applied':
      return returnedApplied(state, input);
    default:
      return assertNever(input);
  }
}

function same(state: HeadState): HeadStep {
  return { state, effects: [] };
}

type Body<M> = M extends unknown ? Omit<M, 'nonce'> : never;

function reply(session: Session, body: Body<ControlMessage>): HeadEffect {
  return { do: 'send', to: session.instance, message: { ...body, nonce: session.nonce } as ControlMessage };
}

function ack(
  session: Session,
  at: ChainPoint,
  safeSeq: number,
  verdict: 'ok' | 'gap' | 'fork',
  probed: number,
): HeadEffect {
  return reply(session, { kind: 'ack', at, safeSeq, verdict, probed });
}

function hear(state: HeadState, message: UpMessage, ports: Ports): HeadStep {
  if (message.kind === 'hello') return { state, effects: [{ do: 'greet', hello: message }] };
  const session = { nonce: message.nonce, instance: message.instance };
  if (message.kind === 'stranded') return hearStranded(state, message, session, ports);
  const [heard, renewed] = noticeAlive(state, session, ports);
  const effects = [...renewed, ...react(heard, message, session)];
  if (message.kind === 'bye' && heard.nonce === message.nonce)
    return { state: { ...heard, nonce: '', instance: '', isWelcomed: false }, effects };
  return {
    state: heard,
    effects: isWelcome(heard, session) ? effects : [...effects, reply(session, { kind: 'greet-again' })],
  };
}

function react(
  state: HeadState,
  message: Exclude<UpMessage, { kind: 'hello' | 'stranded' }>,
  session: Session,
): HeadEffect[] {
  switch (message.kind) {
    case 'batch':
      return [{ do: 'apply-batch', session, batch: message }];
    case 'probe':
      return [{ do: 'read-cursor', session, probe: message.number }];
    case 'fetch':
      return [{ do: 'answer-fetch', session, after: message.after }];
    case 'pull':
      return [{ do: 'answer-pull', session, feedEpoch: message.feedEpoch, after: message.after }];
    case 'fork':
      return [{ do: 'grant', session, adopt: null }];
    case 'returned':
      return takeReturned(state, message, session);
    case 'adopted':
      // The fenced copy's session is named in `from` as `instance/nonce`.
      return [reply(sessionNamed(message.from), { kind: 'stranded-taken' })];
    case 'bye':
      return [{ do: 'end-lease', instance: message.instance }];
    default:
      return assertNever(message);
  }
}

/** In order and without a gap, or not at all: the branch then greets again, and returns everything once more. */
function takeReturned(
  state: HeadState,
  { number, events, end }: Extract<UpMessage, { kind: 'returned' }>,
  session: Session,
): HeadEffect[] {
  if (session.nonce !== state.nonce || number > state.returned + 1) return [];
  return [{ do: 'apply-returned', session, number, events, end }];
}

function returnedApplied(
  state: HeadState,
  { session, number, end }: Extract<HeadInput, { on: 'returned-applied' }>,
): HeadStep {
  const taken = { ...state, returned: Math.max(state.returned, number) };
  return { state: taken, effects: end ? [reply(session, { kind: 'returned-taken' })] : [] };
}

/**
 * The session that this process of the head welcomed last. Any other is told to greet again: if it is over, nobody
 * hears that; if it is a second copy that is still alive, its greeting decides which of the two goes on.
 */
function isWelcome(state: HeadState, session: Session): boolean {
  return state.isWelcomed && state.nonce === session.nonce;
}

/** Any message of a session keeps its lease; a head that has just started learns the session from it. */
function noticeAlive(state: HeadState, session: Session, ports: Ports): [HeadState, HeadEffect[]] {
  const isOther = state.nonce !== '' && state.nonce !== session.nonce;
  if (isOther) return [state, []]; // a message of a session that is over, still in the queue
  const challenge =
    state.challenge?.stage === 'greeted'
      ? { ...state.challenge, stage: 'answered' as const }
      : state.challenge;
  const heard = { ...state, ...session, challenge, lastContactAtMs: ports.nowMs() };
  if (ports.elapsedMs() < state.leaseDueAtMs) return [heard, []];
  const renewal: HeadEffect = {
    do: 'renew-lease',
    instance: session.instance,
    untilMs: ports.nowMs() + LIMITS.leaseMs,
  };
  return [{ ...heard, leaseDueAtMs: ports.elapsedMs() + LIMITS.leaseMs / 4 }, [renewal]];
}

function greeted(
  state: HeadState,
  { hello, subscribe, outcome }: Extract<HeadInput, { on: 'greeted' }>,
  ports: Ports,
): HeadStep {
  const { nonce, instance } = hello;
  if (outcome.verdict === 'refused') return refused(state, hello, outcome, ports);
  const send: HeadEffect = { do: 'send', to: instance, message: outcome.message };
  const { challenge } = state;
  const opened = {
    ...state,
    challenge:
      challenge !== null && instance === state.instance ? { ...challenge, stage: 'greeted' as const } : null,
    nonce,
    instance,
    isWelcomed: true,
    gapAt: null,
    returned: 0,
    leaseDueAtMs: 0, // what it says next confirms that it was welcomed
    beaconAtMs: ports.elapsedMs() + LIMITS.beaconMs,
  };
  return {
    state: { ...opened, lastContactAtMs: ports.nowMs() },
    effects: [{ do: 'declare', instance, subscribe }, send],
  };
}

function refused(
  state: HeadState,
  { instance, nonce }: Hello,
  { message, isOtherDatabase }: Extract<GreetingOutcome, { verdict: 'refused' }>,
  ports: Ports,
): HeadStep {
  const { challenge } = state;
  const isProven =
    message.reason === 'lease-held' && challenge?.by === instance && challenge.stage === 'answered';
  const told: Refused = isProven
    ? { ...message, nonce, ...(isOtherDatabase ? SECOND_COPY : SECOND_PROCESS) }
    : message;
  const effects: HeadEffect[] = [
    { do: 'declare', instance, subscribe: null },
    { do: 'send', to: instance, message: told },
  ];
  return message.reason === 'lease-held' && !isProven
    ? ask({ state, effects }, instance, ports)
    : { state, effects };
}

const SECOND_COPY = {
  reason: 'second-copy',
  detail: 'Another office with this OFFICE_ID is alive, on another database',
} as const;
const SECOND_PROCESS = {
  reason: 'second-process',
  detail: 'Another process syncs this very database: stop one of them (DATABASE_URL, OFFICE_ID)',
} as const;

/** Asks whoever holds the lease to greet again, soon: a process that has died does not, and its lease ends. */
function ask({ state, effects }: HeadStep, challenger: string, ports: Ports): HeadStep {
  const isAsked = state.challenge?.by === challenger && ports.elapsedMs() < state.challenge.againAtMs;
  if (state.nonce === '' || state.instance === challenger || isAsked) return { state, effects };
  const { nonce, instance } = state;
  const challenge: Challenge = {
    by: challenger,
    stage: 'asked',
    againAtMs: ports.elapsedMs() + LIMITS.leaseMs,
  };
  return {
    state: { ...state, leaseDueAtMs: 0, challenge },
    effects: [
      ...effects,
      { do: 'renew-lease', instance, untilMs: ports.nowMs() + LIMITS.challengeMs },
      reply({ nonce, instance }, { kind: 'greet-again' }),
    ],
  };
}

function batchApplied(state: HeadState, applied: Extract<HeadInput, { on: 'batch-applied' }>): HeadStep {
  const { session, verdict, cursor, safeSeq } = applied;
  const answer = ack(session, cursor, safeSeq, verdict, 0);
  if (verdict !== 'gap') return { state: { ...state, gapAt: null }, effects: [answer] };
  if (state.gapAt === cursor.seq) return same(state);
  return { state: { ...state, gapAt: cursor.seq }, effects: [answer] };
}

function batchRefused(
  state: HeadState,
  { session, detail }: Extract<HeadInput, { on: 'batch-refused' }>,
): HeadStep {
  const refusal = reply(session, { kind: 'refused', reason: 'batch-refused', detail, cursor: null });
  return { state, effects: [{ do: 'alarm', type: 'batch-refused', detail }, refusal] };
}

function hearStranded(
  state: HeadState,
  message: Extract<UpMessage, { kind: 'stranded' }>,
  session: Session,
  ports: Ports,
): HeadStep {
  if (state.instance === message.instance) return same(state);
  if (!isHeld(state, ports)) {
    // Nobody is alive to take it: then this copy is no second one any more.
    const effects: HeadEffect[] = [{ do: 'declare', instance: session.instance, subscribe: null }];
    return { state, effects: [...effects, reply(session, { kind: 'greet-again' })] };
  }
  const { common, events } = message;
  const adopt = { kind: 'adopt' as const, nonce: state.nonce, from: sessionName(session), common, events };
  const live = { nonce: state.nonce, instance: state.instance };
  return {
    state,
    effects: [
      { do: 'declare', instance: session.instance, subscribe: null },
      { do: 'grant', session: live, adopt },
    ],
  };
}

/** Whether whoever spoke last is still alive. */
function isHeld({ nonce, lastContactAtMs }: HeadState, ports: Ports): boolean {
  return nonce !== '' && ports.nowMs() - lastContactAtMs < LIMITS.leaseMs;
}

function granted(
  state: HeadState,
  { session, epoch, adopt }: Extract<HeadInput, { on: 'granted' }>,
): HeadStep {
  if (adopt === null) return { state, effects: [reply(session, { kind: 'grant', epoch })] };
  return { state, effects: [{ do: 'send', to: session.instance, message: { ...adopt, epoch } }] };
}

function onTick(state: HeadState, ports: Ports): HeadStep {
  if (state.nonce === '' || ports.elapsedMs() < state.beaconAtMs) return same(state);
  const isGone = ports.nowMs() - state.lastContactAtMs > 2 * LIMITS.leaseMs;
  const next = { ...state, beaconAtMs: ports.elapsedMs() + LIMITS.beaconMs };
  if (isGone) return same(next);
  return {
    state: next,
    effects: [{ do: 'send-beacon', session: { nonce: state.nonce, instance: state.instance } }],
  };
}

function sessionName({ nonce, instance }: Session): string {
  return `${instance}/${nonce}`;
}

function sessionNamed(name: string): Session {
  const [instance = '', nonce = ''] = name.split('/');
  return { instance, nonce };
}
