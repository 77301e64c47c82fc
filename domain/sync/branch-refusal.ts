import type { Ports } from '../ports.ts';
import type { BranchState, BranchStep } from './branch-state.ts';
import { handOver } from './branch-step.ts';
import { jittered, LIMITS } from './limits.ts';
import type { Refused } from './messages.ts';

/** The head will not have this branch as it is: somebody has to act, or a lease has to end. */
export function hearRefused(state: BranchState, { reason, detail }: Refused, ports: Ports): BranchStep {
  const isAnotherAlive = reason === 'second-copy' || (reason === 'second-process' && state.claiming);
  if (isAnotherAlive) return handOver(state, ports);
  const endsByItself = reason === 'lease-held' || reason === 'second-process';
  const random = ports.random();
  const waitMs = endsByItself ? copyRetryMs(random) : jittered(LIMITS.refusedRetryMs, random);
  return waitRefused(state, { name: 'refused', reason, detail }, waitMs, ports);
}

/** Never before the lease of a process that has died can have ended: the second try lets its successor in. */
function copyRetryMs(random: number): number {
  return LIMITS.challengeMs + jittered(LIMITS.copyRetryMs - LIMITS.challengeMs, random);
}

function waitRefused(
  state: BranchState,
  phase: Extract<BranchState['phase'], { name: 'refused' }>,
  waitMs: number,
  ports: Ports,
): BranchStep {
  const deadlineMs = ports.elapsedMs() + waitMs;
  return {
    state: { ...state, phase, deadlineMs, problem: { type: phase.reason, detail: phase.detail } },
    effects: [
      { do: 'hold-appends', held: false },
      { do: 'consume-feed', wanted: false },
    ],
  };
}
