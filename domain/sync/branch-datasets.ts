import type { Ports } from '../ports.ts';
import type { BranchState, BranchStep } from './branch-state.ts';
import { same } from './branch-step.ts';
import { jittered, LIMITS } from './limits.ts';
import type { KnownDatasets } from './messages.ts';

/**
 * The head is told by a greeting, some seconds later: several changes of one moment are told at once, and the branches that
 * hear of one together do not all greet together.
 */
export function datasetsChanged(state: BranchState, now: KnownDatasets, ports: Ports): BranchStep {
  const tellAtMs = ports.elapsedMs() + jittered(LIMITS.tellDatasetsMs, ports.random());
  return same({ ...state, datasets: { ...state.datasets, now, tellAtMs } });
}

/**
 * Whether it is time to tell that this office records in other versions by now than those to which the head holds it. What
 * is under way would be sent again after a greeting, so that its answers are waited for, but not for ever.
 */
export function isToTellDatasets({ datasets, up }: BranchState, ports: Ports): boolean {
  const { said, now, tellAtMs } = datasets;
  const dueMs = up.inFlight.length > 0 ? tellAtMs + LIMITS.tellDatasetsBusyMs : tellAtMs;
  const saysOther = now !== null && now !== said && JSON.stringify(now) !== JSON.stringify(said);
  return saysOther && ports.elapsedMs() >= dueMs;
}
