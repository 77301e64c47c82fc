import { assertNever } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { challengeAfter, granted, hearStranded, refused, sessionNamed } from './head-copies.ts';
import type { HeadEffect, HeadInput, HeadState, HeadStep, Session } from './head-state.ts';
import { reply, same } from './head-step.ts';
import { LIMITS } from './limits.ts';
import type { UpMessage } from './messages.ts';
import { shortened } from '../text.ts';

/** See head-state.ts for what the machine remembers and promises. */
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
    case 'unreadable':
      return unreadable(state, input);
    case 'cursor-read':
      return {
        state: { ...state, gapAt: null },
        effects: [ack(input.session, { ...input, verdict: 'ok' }, input.probe)],
      };
    case 'granted':
      return granted(state, input);
    case 'returned-applied':
      return returnedApplied(state, input);
    default:
      return assertNever(input);
  }
}

type Acknowledged = Omit<Extract<HeadInput, { on: 'batch-applied' }>, 'on' | 'session'>;

function ack(
  session: Session,
  { cursor, safeSeq, verdict, quarantined }: Acknowledged,
  probed: number,
): HeadEffect {
  return reply(session, { kind: 'ack', at: cursor, safeSeq, verdict, probed, quarantined });
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
    case 'pull':
    case 'fork':
      return isWelcome(state, session) ? answerQuestion(message, session) : [];
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

/** Of those only whom this process has welcomed: to others it may be a head that was restored since. */
function answerQuestion(
  message: Extract<UpMessage, { kind: 'fetch' | 'pull' | 'fork' }>,
  session: Session,
): HeadEffect[] {
  switch (message.kind) {
    case 'fetch':
      return [{ do: 'answer-fetch', session, after: message.after }];
    case 'pull': {
      const { feedEpoch, after, hash } = message;
      return [{ do: 'answer-pull', session, feedEpoch, after, hash }];
    }
    case 'fork':
      return [{ do: 'grant', session, adopt: null }];
  }
}

/**
 * In order and without a gap, or not at all, and only from whom this process has asked for them: to a head that was restored
 * since they would be a part, with its causes missing. The branch then greets again, and returns everything once more.
 */
function takeReturned(
  state: HeadState,
  { number, events, end }: Extract<UpMessage, { kind: 'returned' }>,
  session: Session,
): HeadEffect[] {
  if (!isWelcome(state, session) || number > state.returned + 1) return [];
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
  const opened = {
    ...state,
    challenge: challengeAfter(state, hello),
    nonce,
    instance,
    isWelcomed: true,
    gapAt: null,
    unreadable: 0,
    returned: 0,
    leaseDueAtMs: 0, // what it says next confirms that it was welcomed
    beaconAtMs: ports.elapsedMs() + LIMITS.beaconMs,
  };
  return {
    state: { ...opened, lastContactAtMs: ports.nowMs() },
    effects: [{ do: 'declare', instance, subscribe }, send],
  };
}

function batchApplied(state: HeadState, applied: Extract<HeadInput, { on: 'batch-applied' }>): HeadStep {
  const { session, verdict, cursor } = applied;
  const answer = ack(session, applied, 0);
  if (verdict !== 'gap') return { state: { ...state, gapAt: null, unreadable: 0 }, effects: [answer] };
  if (state.gapAt === cursor.seq) return same(state);
  return { state: { ...state, gapAt: cursor.seq }, effects: [answer] };
}

function batchRefused(
  state: HeadState,
  { session, detail }: Extract<HeadInput, { on: 'batch-refused' }>,
): HeadStep {
  return { state, effects: [{ do: 'alarm', type: 'batch-refused', detail }, refuse(session, detail)] };
}

/** What is said of a batch may quote it. */
function refuse(session: Session, said: string): HeadEffect {
  const detail = shortened(said, LIMITS.refusalDetail);
  return reply(session, { kind: 'refused', reason: 'batch-refused', detail, cursor: null });
}

/** One that was damaged on its way is missed, and comes again. After that the sender is told, and has to look. */
const UNREADABLE_AT_MOST = 2;

/** Who sent it is known by the name under which the broker took it, and the session from what was heard before. */
function unreadable(state: HeadState, { detail }: Extract<HeadInput, { on: 'unreadable' }>): HeadStep {
  const counted = { ...state, unreadable: state.unreadable + 1 };
  if (!state.isWelcomed || counted.unreadable < UNREADABLE_AT_MOST) return same(counted);
  const session = { nonce: state.nonce, instance: state.instance };
  const refusal = refuse(session, `The head cannot read what is sent in the name of this office: ${detail}`);
  return { state: { ...counted, isWelcomed: false, unreadable: 0 }, effects: [refusal] };
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
