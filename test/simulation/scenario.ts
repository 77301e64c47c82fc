import type { Plan, Tempo } from './plan.ts';

/** A seed, or a part of what it draws: what a failure was shrunk to. */
export interface Scenario {
  readonly seed: number;
  /** null leaves it to the seed, as below. */
  readonly branches: number | null;
  readonly tempo: Tempo | null;
  /** Faults that are left out. */
  readonly without: readonly string[];
  /** How long things go wrong. */
  readonly minutes: number | null;
  /** Names of the only strikes that are carried out. */
  readonly only: readonly string[] | null;
}

export function wholeSeed(
  seed: number,
  branches: number | null = null,
  tempo: Tempo | null = null,
): Scenario {
  return { seed, branches, tempo, without: [], minutes: null, only: null };
}

export function narrowed(plan: Plan, { without, minutes }: Scenario): Plan {
  const left = new Set(without);
  return {
    ...plan,
    faultsMs: minutes === null ? plan.faultsMs : minutes * 60_000,
    faults: new Map([...plan.faults].filter(([name]) => !left.has(name))),
    aims: plan.aims.filter(({ fault }) => !left.has(fault)),
    lead: plan.lead !== null && left.has(plan.lead.fault) ? null : plan.lead,
  };
}

/** What plays it again, exactly. */
export function commandOf({ seed, branches, tempo, without, minutes, only }: Scenario): string {
  const words = [`npm run simulate -- --seed ${seed}`];
  if (branches !== null) words.push(`--offices ${branches}`);
  if (tempo !== null) words.push(`--tempo ${tempo}`);
  if (without.length > 0) words.push(`--without ${without.join(',')}`);
  if (minutes !== null) words.push(`--minutes ${minutes}`);
  if (only !== null) words.push(`--only-strikes ${only.join(',') || 'none'}`);
  return `${words.join(' ')} --trace`;
}
