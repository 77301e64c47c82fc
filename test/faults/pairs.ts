// Which databases the faults strike: every kind of branch with every kind of head, or a few of them in `npm test`.
import type { Moment } from '../../mixins/moments.ts';
import type { DatabaseKind } from '../harness/servers.ts';

export interface Pair {
  readonly branch: DatabaseKind;
  readonly head: DatabaseKind;
}

const BRANCHES = ['sqlite', 'postgresql', 'mariadb'] as const;
const HEADS = ['postgresql', 'mariadb'] as const;

const ALL_PAIRS: readonly Pair[] = BRANCHES.flatMap((branch) => HEADS.map((head) => ({ branch, head })));

/** Set by `npm run test:faults`; without it only a representative part of the faults runs. */
export const isFullRun = process.env['BRANCHLINE_FAULTS'] === 'all';

/** All pairs in a full run, else the first `few` of them, beginning with number `from` so that files differ. */
export function pairs(few: number, from = 0): readonly Pair[] {
  if (isFullRun) return ALL_PAIRS;
  return Array.from({ length: few }, (_, at) => ALL_PAIRS[(from + at) % ALL_PAIRS.length]!);
}

export interface Databases {
  readonly head: DatabaseKind;
  readonly branches: Readonly<Record<string, DatabaseKind>>;
}

const EVERY_BRANCH = { west: 'sqlite', east: 'postgresql', north: 'mariadb' } as const;

/** The same pairs as companies of one head and a branch of each kind; in `npm test` the one that is given. */
export function companies(part: Databases): readonly Databases[] {
  return isFullRun ? HEADS.map((head) => ({ head, branches: EVERY_BRANCH })) : [part];
}

/** How often an office dies at which moment. */
export type Kills = Partial<Record<Moment, number>>;

/** How many of `total` fall to number `slot` of `slots`, evenly. */
export function share(total: number, slot: number, slots: number): number {
  return Math.floor((total * (slot + 1)) / slots) - Math.floor((total * slot) / slots);
}

/** What is for `npm run test:faults`, or the part of it that is for `npm test`. */
export function forRun<T>(full: T, part: T): T {
  return isFullRun ? full : part;
}

/** One pair, another for each number: for faults that strike what lies between the databases. */
export function pair(number: number): Pair {
  return ALL_PAIRS[number % ALL_PAIRS.length]!;
}
