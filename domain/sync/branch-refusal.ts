import type { Ports } from '../ports.ts';
import type { BranchState, BranchStep } from './branch-state.ts';
import { handOver } from './branch-step.ts';
import { jittered, LIMITS } from './limits.ts';
import type { Refused } from './messages.ts';

/** The head will not have this branch as it is: somebody has to act, or a lease has to end. */
export function hearRefused(state: BranchState, { reason, detail }: Refused, ports: Ports): BranchStep {
  if (reason === 'second-copy') return handOver(state, ports);
  const endsByItself = reason === 'lease-held' || reason === 'second-process';
  const retryMs = endsByItself ? LIMITS.copyRetryMs : LIMITS.refusedRetryMs;
  return waitRefused(state, { name: 'refused', reason, detail }, retryMs, ports);
}

function waitRefused(
  state: BranchState,
  phase: Extract<BranchState['phase'], { name: 'refused' }>,
  retryMs: number,
  ports: Ports,
): BranchStep {
  const deadlineMs = ports.elapsedMs() + jittered(retryMs, ports.random());
  return {
    state: { ...state, phase, deadlineMs, problem: { type: phase.reason, detail: phase.detail } },
    effects: [
      { do: 'hold-appends', held: false },
      { do: 'consume-feed', wanted: false },
    ],
  };
}
