import type { Fixtures } from './fixtures.ts';
import type { OfficeProcesses } from './office-processes.ts';
import type { BenchServers } from './servers.ts';

/** On the ratio of value to limit where there is a limit, else on the value itself. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** One figure that is to be measured. */
export interface Measure {
  readonly name: string;
  readonly what: string;
  readonly unit: string;
  readonly goal: Goal;
}

/** What one repetition measured: the value, and in the same run the limit that the machine sets to it. */
export interface Sample {
  readonly value: number;
  readonly limit: number | null;
  /** What else was seen, with units in the names: no goal is set on it. */
  readonly details?: Details;
}

type Details = Readonly<Record<string, number>>;

export interface Figure {
  readonly name: string;
  /** Median over the repetitions; null when it could not be measured. */
  readonly value: number | null;
  readonly unit: string;
  readonly limit: number | null;
  readonly ratio: number | null;
  readonly goal: Goal;
  readonly met: boolean;
  /** Lowest and highest value: how far the median can be trusted. */
  readonly range: readonly [number, number] | null;
  readonly repetitions: number;
  /** Medians. */
  readonly details: Details;
  /** Why there is no value; null when there is one. */
  readonly why: string | null;
}

/** Figures that are measured together, again and again, on what `prepare` has set up. */
export interface Benchmark {
  readonly measures: readonly Measure[];
  /** Three unless told, or there is no time: some run for minutes, and take the worst of many looks by themselves. */
  readonly repetitions?: number;
  /** @throws NotMeasured when this machine, this program or this run has not what it takes */
  prepare(setting: BenchSetting): Promise<Repetition>;
}

export interface BenchSetting {
  /** Shorter measurements, for a look. */
  readonly quick: boolean;
  /** Of the longest log; what is shorter is a part of it. A multiple of `EVENTS_STEP`. */
  readonly events: number;
  /** Also what takes an hour. */
  readonly growth: boolean;
  /** A repetition that would end later than this after the first one began is not begun: a run has to end. */
  readonly longestMs: number;
  readonly servers: BenchServers;
  readonly fixtures: Fixtures;
  /** Processes of this benchmark; stopped after it, however it ends. */
  readonly offices: OfficeProcesses;
  /** To be done after this benchmark, however it ends; what was asked for last comes first. */
  onEnd(task: () => unknown): void;
}

/** Measures once: a sample for each measure, in their order. */
export type Repetition = () => Promise<readonly Sample[]>;

/** Not an accident: the figure is shown with this reason instead of a value. */
export class NotMeasured extends Error {}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('There is no median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** By nearest rank: the smallest value that `percent` of all are not above. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error('There is no percentile of nothing');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}

/** The ratio is the median of the ratios: value and limit of one repetition belong together. */
export function figureOf({ name, unit, goal }: Measure, samples: readonly Sample[]): Figure {
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
    repetitions: samples.length,
    details: mediansOf(samples.map(({ details = {} }) => details)),
    why: null,
  };
}

/** Shown with the others: a figure that is left out looks like one that is met. */
export function figureWithout({ name, unit, goal }: Measure, why: string): Figure {
  const nothing = { value: null, limit: null, ratio: null, range: null };
  return { name, unit, goal, ...nothing, met: false, repetitions: 0, details: {}, why };
}

function mediansOf(all: readonly Details[]): Details {
  const names = new Set(all.flatMap((details) => Object.keys(details)));
  const valuesOf = (name: string) =>
    all.flatMap((details) => (details[name] === undefined ? [] : details[name]));
  return Object.fromEntries([...names].map((name) => [name, median(valuesOf(name))]));
}

function isMet(goal: Goal, judged: number): boolean {
  return 'atLeast' in goal ? judged >= goal.atLeast : judged <= goal.atMost;
}
