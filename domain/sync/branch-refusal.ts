import type { Ports } from '../ports.ts';
import type { BranchState, BranchStep } from './branch-state.ts';
import { handOver } from './branch-step.ts';
import { jittered, LIMITS } from './limits.ts';
import type { Refused } from './messages.ts';

/** The head will not have this branch as it is: somebody has to act, or a lease has to end. */
export function hearRefused(state: BranchState, { reason, detail }: Refused, ports: Ports): BranchStep {
  if (reason === 'second-copy') return hearSecondCopy(state, detail, ports);
  return waitRefused(state, { name: 'refused', reason, detail }, LIMITS.refusedRetryMs, ports);
}

/**
 * Whoever holds the session may be an earlier process of this very copy, before its database was restored: that one's
 * lease ends. Refused still when it has, this is one of two that are alive.
 */
function hearSecondCopy(state: BranchState, detail: string, ports: Ports): BranchStep {
  const copyProvenAtMs = state.copyProvenAtMs ?? ports.elapsedMs() + LIMITS.copyProvenMs;
  if (ports.elapsedMs() >= copyProvenAtMs) return handOver(state, ports);
  const phase = { name: 'refused' as const, reason: 'second-copy' as const, detail };
  return waitRefused({ ...state, copyProvenAtMs }, phase, LIMITS.copyRetryMs, ports);
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
