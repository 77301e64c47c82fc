import { FAULTS } from './faults.ts';
import type { Plan } from './plan.ts';
import type { Prng } from './prng.ts';

const SHARE_OF_FAULTS = 0.4;

/** Swarm testing (Groce et al. 2012): each seed has its own few faults at its own rates, so that no fault hides another. */
export function drawPlan(chance: Prng, branches: number | null): Plan {
  const share = chance.chance(0.1) ? 0 : chance.between(0, 2 * SHARE_OF_FAULTS);
  const faults = new Map<string, number>();
  for (const { name, meanMs } of FAULTS)
    if (chance.chance(share)) faults.set(name, meanMs * 2 ** chance.between(-2, 1.5));
  return {
    branches: branches ?? chance.pick([1, 2, 2, 3, 3, 3, 4]),
    faultsMs: chance.between(5, 25) * 60_000,
    habits: {
      commandMs: chance.pick([4_000, 8_000, 15_000, 30_000]),
      contention: chance.pick([0.2, 0.6, 0.9]),
      meddling: chance.pick([0.1, 0.4, 0.8]),
      bursts: chance.pick([0, 0.05, 0.3]),
      keyed: chance.pick([0, 0.5, 1]),
      imports: chance.pick([0, 0, 0, 0, 0, 0, 0, 0.3]),
    },
    faults,
    subscribeAll: chance.pick([0, 0.3, 0.3, 1]),
    manualMode: chance.pick([0, 0, 0.2]),
    windows: chance.pick([0, 0, 0, 0.3]),
    isEncoded: chance.chance(0.1),
    skewMs: chance.pick([0, 1_000, 60_000, 20 * 60_000]),
    latencyMs: chance.pick([10, 50, 50, 400, 2_000]),
    backupMs: chance.pick([20_000, 60_000, 180_000]),
  };
}
