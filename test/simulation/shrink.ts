import type { Outcome } from './history.ts';
import type { Scenario } from './scenario.ts';

type Seen = Pick<Outcome, 'violation' | 'plan' | 'struck' | 'digest'>;

export interface ShrinkOptions {
  readonly run: (scenario: Scenario) => Promise<Seen>;
  readonly nowMs: () => number;
  readonly mostRuns?: number;
  readonly mostMs?: number;
}

export interface Shrunk {
  readonly scenario: Scenario;
  readonly violation: string;
  readonly runs: number;
  /** Whether it went the same way, to the last message, when it was played again. */
  readonly isExact: boolean;
}

const MOST_RUNS = 200;
const MOST_MS = 60_000;
const SHORTEST_MINUTES = 0.25;

/**
 * Makes of a history that breaks a promise a small one that breaks it, too: fewer offices, fewer kinds of faults, less
 * time, fewer strikes (delta debugging, Zeller and Hildebrandt 2002). Whatever breaks another promise is passed over.
 */
export async function shrink(first: Scenario, outcome: Seen, options: ShrinkOptions): Promise<Shrunk> {
  const shrinker = new Shrinker(first, outcome, options);
  await shrinker.fewerBranches();
  await shrinker.fewerKinds();
  await shrinker.lessTime();
  await shrinker.fewerStrikes();
  return shrinker.end();
}

class Shrinker {
  readonly #options: ShrinkOptions;
  readonly #endMs: number;
  readonly #kind: string;
  #scenario: Scenario;
  #outcome: Seen;
  #runs = 0;

  constructor(scenario: Scenario, outcome: Seen, options: ShrinkOptions) {
    this.#scenario = scenario;
    this.#outcome = outcome;
    this.#options = options;
    this.#kind = kindOf(outcome.violation);
    this.#endMs = options.nowMs() + (options.mostMs ?? MOST_MS);
  }

  async fewerBranches(): Promise<void> {
    const { branches } = this.#outcome.plan;
    for (let fewer = 1; fewer < branches; fewer++) if (await this.#try({ branches: fewer })) return;
  }

  async fewerKinds(): Promise<void> {
    const { faults, aims } = this.#outcome.plan;
    const kinds = [...new Set([...faults.keys(), ...aims.map(({ fault }) => fault)])];
    const idle = kinds.filter((kind) => !this.#outcome.struck.some((name) => name.startsWith(`${kind}.`)));
    await this.#leaveOut(idle);
    for (const kind of kinds) if (!idle.includes(kind)) await this.#leaveOut([kind]);
  }

  async lessTime(): Promise<void> {
    let low = 0;
    let high = this.#outcome.plan.faultsMs / 60_000;
    while (high - low > SHORTEST_MINUTES && this.#isAllowed()) {
      const minutes = Math.round(50 * (low + high)) / 100;
      if (await this.#try({ minutes })) high = minutes;
      else low = minutes;
    }
  }

  /** Halves, then quarters, down to single ones. */
  async fewerStrikes(): Promise<void> {
    let kept = [...this.#outcome.struck];
    for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < kept.length && this.#isAllowed();) {
        const only = [...kept.slice(0, at), ...kept.slice(at + size)];
        if (await this.#try({ only })) kept = only;
        else at += size;
      }
    }
  }

  async end(): Promise<Shrunk> {
    const [once, again] = [await this.#options.run(this.#scenario), await this.#options.run(this.#scenario)];
    const isExact = once.digest === again.digest && once.digest === this.#outcome.digest;
    return { scenario: this.#scenario, violation: this.#outcome.violation!, runs: this.#runs, isExact };
  }

  async #leaveOut(kinds: readonly string[]): Promise<void> {
    if (kinds.length > 0) await this.#try({ without: [...this.#scenario.without, ...kinds] });
  }

  #isAllowed(): boolean {
    return this.#runs < (this.#options.mostRuns ?? MOST_RUNS) && this.#options.nowMs() < this.#endMs;
  }

  async #try(change: Partial<Scenario>): Promise<boolean> {
    if (!this.#isAllowed()) return false;
    this.#runs += 1;
    const scenario = { ...this.#scenario, ...change };
    const outcome = await this.#options.run(scenario);
    if (outcome.violation === null || kindOf(outcome.violation) !== this.#kind) return false;
    [this.#scenario, this.#outcome] = [scenario, outcome];
    return true;
  }
}

/** What it says but for the names in it. */
function kindOf(violation: string | null): string {
  const words = (violation ?? '').split(/[^a-z]+/).filter((word) => word.length > 2);
  return words
    .filter((word) => !OFFICES.has(word))
    .slice(0, 5)
    .join(' ');
}

const OFFICES = new Set(['head', 'east', 'west', 'north', 'south', 'isle', 'port', 'hill', 'lake', 'copy']);
