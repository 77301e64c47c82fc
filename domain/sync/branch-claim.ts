import type { Ports } from '../ports.ts';
import { type BranchState, type BranchStep, UNKNOWN_END } from './branch-state.ts';
import { begin, isWanted, leave, same } from './branch-step.ts';

/**
 * Somebody says that a fenced copy is to be the office from now on. It greets like any process that finds the lease held:
 * the head asks whoever holds it, and lets this one in when nobody answers. The claim is in the database by then, so that
 * it goes on over a restart, until the head has granted or refused it.
 */
export function claim(state: BranchState, ports: Ports): BranchStep {
  if (state.paused) return same(state);
  const asking = { ...state, asked: { upTo: state.last.seq, feedTo: UNKNOWN_END, probe: 0 } };
  if (state.claiming) return same(asking);
  return begin({ ...asking, fenced: false, claiming: true, problem: null }, ports);
}

/** The database knows that this is the office. */
export function unfenced(state: BranchState): BranchStep {
  if (!state.claiming) return same(state); // it was let in by itself
  const free = { ...state, claiming: false };
  return isWanted(free) ? same(free) : leave(free, []);
}
