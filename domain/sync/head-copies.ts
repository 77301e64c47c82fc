import type { Ports } from '../ports.ts';
import type { GreetingOutcome } from './greeting.ts';
import type { Challenge, HeadEffect, HeadInput, HeadState, HeadStep, Session } from './head-state.ts';
import { reply, same } from './head-step.ts';
import { LIMITS } from './limits.ts';
import type { Hello, Refused, UpMessage } from './messages.ts';

/** Two processes of one office: who keeps the session, and how what the other wrote gets to the one that does. */
export function refused(
  state: HeadState,
  { instance, nonce }: Hello,
  { message, isOtherDatabase, holder }: Extract<GreetingOutcome, { verdict: 'refused' }>,
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
  if (message.reason === 'lease-held' && !isProven) return ask({ state, effects }, instance, holder, ports);
  // Who is told that it is a second copy asks again only when somebody claims the office: that takes a new answer.
  const isOver = isProven && isOtherDatabase;
  return { state: isOver ? { ...state, challenge: null } : state, effects };
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
function ask({ state, effects }: HeadStep, challenger: string, holder: string, ports: Ports): HeadStep {
  if (holder === '' || isAsked(state.challenge, challenger, ports)) return { state, effects };
  const challenge: Challenge = {
    by: challenger,
    token: ports.newId(),
    stage: 'asked',
    againAtMs: ports.elapsedMs() + LIMITS.leaseMs,
  };
  // After a restart of the head only the database knows who it is; its session is not known.
  return {
    state: { ...state, leaseDueAtMs: 0, challenge },
    effects: [
      ...effects,
      { do: 'renew-lease', instance: holder, untilMs: ports.nowMs() + LIMITS.challengeMs },
      reply({ nonce: state.nonce, instance: holder }, { kind: 'greet-again', token: challenge.token }),
    ],
  };
}

/**
 * While a question waits for its answer nobody asks another one: each gives the holder time, and two who ask in turn would
 * keep the lease of one that has died for ever.
 */
function isAsked(challenge: Challenge | null, challenger: string, ports: Ports): boolean {
  if (challenge === null || ports.elapsedMs() >= challenge.againAtMs) return false;
  return challenge.by === challenger || challenge.stage === 'asked';
}

/**
 * Only a greeting that repeats the token proves that the holder of the lease lives: an older one may come at any time,
 * twice too, and long after its process. Whoever claims the office has it asked once more then.
 */
export function challengeAfter({ challenge, ...state }: HeadState, hello: Hello): Challenge | null {
  if (challenge === null || hello.instance !== state.instance) return null;
  const greeted: Challenge = { ...challenge, stage: 'greeted' };
  if (hello.answers === challenge.token) return greeted;
  if (hello.nonce === state.nonce) return challenge;
  return hello.answers === undefined ? greeted : null; // one that repeats no token
}

export function hearStranded(
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

export function granted(
  state: HeadState,
  { session, epoch, adopt }: Extract<HeadInput, { on: 'granted' }>,
): HeadStep {
  if (adopt === null) return { state, effects: [reply(session, { kind: 'grant', epoch })] };
  return { state, effects: [{ do: 'send', to: session.instance, message: { ...adopt, epoch } }] };
}

function sessionName({ nonce, instance }: Session): string {
  return `${instance}/${nonce}`;
}

export function sessionNamed(name: string): Session {
  const [instance = '', nonce = ''] = name.split('/');
  return { instance, nonce };
}
