import type { BranchState, BranchStep } from './branch-state.ts';
import { same } from './branch-step.ts';
import type { KnownDatasets } from './messages.ts';

/** The head is told by a greeting, at the next tick: several changes of one moment are told at once. */
export function datasetsChanged(state: BranchState, now: KnownDatasets): BranchStep {
  return same({ ...state, datasets: { ...state.datasets, now } });
}

/** Whether the head still holds this office to other versions than those in which it records by now. */
export function saysOtherDatasets({ datasets: { said, now } }: BranchState): boolean {
  return now !== null && now !== said && JSON.stringify(now) !== JSON.stringify(said);
}
