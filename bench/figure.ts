export const DATABASES = ['sqlite', 'postgresql', 'mariadb'] as const;
export type Database = (typeof DATABASES)[number];

/** What one repetition measured: the value, and in the same run the limit that the machine sets to it. */
export interface Sample {
  readonly value: number;
  readonly limit: number | null;
}

/** On the ratio of value to limit where there is a limit, else on the value itself. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

export interface Figure {
  readonly name: string;
  /** Medians over the repetitions. */
  readonly value: number;
  readonly unit: string;
  readonly limit: number | null;
  readonly ratio: number | null;
  readonly goal: Goal;
  readonly met: boolean;
  /** Lowest and highest value: how far the median can be trusted. */
  readonly range: readonly [number, number];
}

/** Something that can be measured again and again on what `prepare` has set up. */
export interface Benchmark {
  readonly name: string;
  readonly what: string;
  readonly unit: string;
  readonly goal: Goal;
  prepare(setting: BenchSetting): Promise<Prepared>;
}

export interface BenchSetting {
  /** Shorter measurements, for a look. */
  readonly quick: boolean;
  readonly servers: BenchServers;
}

/** Private servers, started when first asked for and kept for the whole run. */
export interface BenchServers {
  /** A new, empty database. */
  database(kind: Database): Promise<string>;
  /** A new, empty virtual host. */
  broker(): Promise<string>;
  /** A new folder. */
  folder(): Promise<string>;
  remove(): Promise<void>;
}

export interface Prepared {
  once(): Promise<Sample>;
  end(): Promise<void>;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('There is no median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The ratio is the median of the ratios: value and limit of one repetition belong together. */
export function figureOf(
  { name, unit, goal }: Pick<Benchmark, 'name' | 'unit' | 'goal'>,
  samples: readonly Sample[],
): Figure {
  const values = samples.map(({ value }) => value);
  const limits = samples.flatMap(({ limit }) => (limit === null ? [] : [limit]));
  const ratio =
    limits.length === 0 ? null : median(samples.map(({ value, limit }) => value / (limit ?? value)));
  const value = median(values);
  return {
    name,
    value,
    unit,
    limit: limits.length === 0 ? null : median(limits),
    ratio,
    goal,
    met: isMet(goal, ratio ?? value),
    range: [Math.min(...values), Math.max(...values)],
  };
}

function isMet(goal: Goal, judged: number): boolean {
  return 'atLeast' in goal ? judged >= goal.atLeast : judged <= goal.atMost;
}
