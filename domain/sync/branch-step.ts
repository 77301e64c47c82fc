import type { Ports } from '../ports.ts';
import type { BranchEffect, BranchState, BranchStep } from './branch-state.ts';
import { backoffMs, LIMITS } from './limits.ts';
import type { UpMessage } from './messages.ts';

/** Distributes `Omit` over a union. */
type Body<M> = M extends unknown ? Omit<M, 'office' | 'instance' | 'nonce'> : never;

export function same(state: BranchState): BranchStep {
  return { state, effects: [] };
}

export function also(step: BranchStep, ...effects: readonly BranchEffect[]): BranchStep {
  return { state: step.state, effects: [...step.effects, ...effects] };
}

export function send(state: BranchState, body: Body<UpMessage>): BranchEffect {
  return {
    do: 'send',
    message: { ...body, office: state.office, instance: state.instance, nonce: state.nonce } as UpMessage,
  };
}

export function isWanted({ paused, asked, claiming, mode, isWindowOpen }: BranchState): boolean {
  return !paused && (asked !== null || claiming || (mode === 'auto' && isWindowOpen));
}

/** Begins a session: a new nonce, everything under way forgotten. Asked again when no answer comes. */
export function greet(state: BranchState, ports: Ports): BranchStep {
  const nonce = ports.newId();
  const waitMs = Math.max(LIMITS.answerMs, backoffMs(state.attempts, ports.random()));
  return {
    state: {
      ...state,
      nonce,
      phase: { name: 'greeting' },
      attempts: state.attempts + 1,
      deadlineMs: ports.elapsedMs() + waitMs,
      up: { ...state.up, reading: false, inFlight: [] },
      feed: { ...state.feed, pulling: false },
    },
    effects: [
      { do: 'hold-appends', held: false },
      { do: 'read-greeting', nonce },
    ],
  };
}

/** Ends the session and greets again after a pause. */
export function greetLater(state: BranchState, problem: BranchState['problem'], ports: Ports): BranchStep {
  const deadlineMs = ports.elapsedMs() + backoffMs(state.attempts, ports.random());
  const attempts = state.attempts + 1;
  return {
    state: { ...state, nonce: '', phase: { name: 'greeting' }, attempts, deadlineMs, problem },
    effects: [{ do: 'hold-appends', held: false }],
  };
}

/** The link is up: what now? */
export function begin(state: BranchState, ports: Ports): BranchStep {
  if (!state.linkUp) return same({ ...state, phase: { name: 'offline' } });
  if (state.fenced) return handOver(state, ports);
  if (!isWanted(state)) return same({ ...state, phase: { name: 'idle' } });
  return greet({ ...state, attempts: 0 }, ports);
}

/** A fenced copy does not greet, which would take the session from the live one, unless it is claimed: it hands over. */
export function handOver(state: BranchState, ports: Ports): BranchStep {
  const nonce = ports.newId();
  const handedOver = state.phase.name === 'fenced' && state.phase.handedOver;
  return {
    state: {
      ...state,
      nonce,
      fenced: true,
      claiming: false,
      phase: { name: 'fenced', handedOver },
      deadlineMs: ports.elapsedMs() + LIMITS.refusedRetryMs,
      problem: { type: 'second-copy', detail: state.claiming ? `${CLAIM_REFUSED} ${FENCED}` : FENCED },
    },
    effects: handedOver ? [] : [{ do: 'hand-over', nonce, session: state.session }],
  };
}

/** The head knows of no other copy that is alive: this one is the office again, and greets as such. */
export function unfence(state: BranchState, ports: Ports): BranchStep {
  const freed = begin({ ...state, fenced: false, problem: null, phase: { name: 'idle' } }, ports);
  return { state: freed.state, effects: [{ do: 'unfence' }, ...freed.effects] };
}

const FENCED =
  'A second office with this OFFICE_ID is alive elsewhere, and this one is fenced. It accepts no more sales; those it has are ' +
  'handed over to the live copy. Stop this copy, and delete its database once nothing is pending; or stop the other one ' +
  'for good, and claim the office here.';
const CLAIM_REFUSED = 'The claim was refused: the other one answered when the head asked it.';

export function leave(state: BranchState, effects: readonly BranchEffect[]): BranchStep {
  const wasOpen = !['offline', 'idle', 'fenced'].includes(state.phase.name) && state.nonce !== '';
  const bye: BranchEffect[] = wasOpen ? [send(state, { kind: 'bye' })] : [];
  const quiet: BranchEffect[] = [
    { do: 'hold-appends', held: false },
    { do: 'consume-feed', wanted: false },
  ];
  const phase = state.fenced ? state.phase : ({ name: state.linkUp ? 'idle' : 'offline' } as const);
  return { state: { ...state, phase, nonce: '', problem: null }, effects: [...effects, ...bye, ...quiet] };
}
