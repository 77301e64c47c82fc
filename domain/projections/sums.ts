import type { DatasetRow } from '../datasets/dataset.ts';
import { toScaled } from '../decimal.ts';
import { errorType } from '../errors.ts';
import type { EntityKey } from '../event.ts';
import type { Entry, Measure, Projection } from './projection.ts';

/** An entity as it was before and after what has been followed; null: it was not there. */
export interface Pair {
  readonly key: EntityKey;
  readonly before: DatasetRow | null;
  readonly after: DatasetRow | null;
  /** What folding the entity failed with, if it did: then there is no row. */
  readonly failure?: unknown;
}

/** What is added to one line: whole numbers of a measure's smallest place. */
export interface LineChange {
  readonly key: readonly string[];
  readonly count: number;
  readonly adds: readonly bigint[];
}

/** An entity that a projection cannot enter, and why. */
export interface FoldFailure extends EntityKey {
  /** Stable. */
  readonly reason: string;
  readonly detail: string;
}

interface Line {
  readonly key: readonly string[];
  count: number;
  readonly adds: bigint[];
}

/**
 * Adds up what pairs change in a projection. Commutative: pairs may come in any order, an entity in several, as long as
 * each begins where the one before it ended.
 */
export class Sums {
  readonly #projection: Projection;
  readonly #scales: readonly number[];
  readonly #lines = new Map<string, Line>();
  readonly #failures: FoldFailure[] = [];
  readonly #mended: EntityKey[] = [];

  constructor(projection: Projection) {
    this.#projection = projection;
    this.#scales = Object.values(projection.measures).map(scaleOf);
  }

  /** `hadFailed`: the entity was set aside before, so that nothing of it is in the table. */
  follow({ key, before, after, failure }: Pair, hadFailed: boolean): void {
    if (before !== null && !hadFailed) this.#retract(before);
    if (failure !== undefined) this.#fail(key, failure);
    else if (this.#enter(key, after) && hadFailed) this.#mended.push(key);
  }

  get changes(): LineChange[] {
    return [...this.#lines.values()].filter(
      ({ count, adds }) => count !== 0 || adds.some((amount) => amount !== 0n),
    );
  }

  get failures(): readonly FoldFailure[] {
    return this.#failures;
  }

  /** Entities that had failed and are entered now, or are gone. */
  get mended(): readonly EntityKey[] {
    return this.#mended;
  }

  /** What was entered can be entered: it is a pure function of the row. What could not be, never was. */
  #retract(row: DatasetRow): void {
    const entry = this.#entryOf(row);
    if (entry !== null && !(entry instanceof Failed)) this.#add(entry, -1);
  }

  #enter(key: EntityKey, row: DatasetRow | null): boolean {
    const entry = row === null ? null : this.#entryOf(row);
    if (entry instanceof Failed) this.#fail(key, entry.error);
    else if (entry !== null) this.#add(entry, 1);
    return !(entry instanceof Failed);
  }

  #entryOf(row: DatasetRow): ScaledEntry | Failed | null {
    try {
      const entry = this.#projection.entryOf(row);
      return entry && scaled(entry, this.#scales);
    } catch (error) {
      return new Failed(error);
    }
  }

  #add({ name, key, adds }: ScaledEntry, sign: 1 | -1): void {
    const line = this.#lineOf(name, key);
    line.count += sign;
    for (let at = 0; at < adds.length; at++) line.adds[at]! += sign === 1 ? adds[at]! : -adds[at]!;
  }

  #lineOf(name: string, key: readonly string[]): Line {
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    const line = { key, count: 0, adds: this.#scales.map(() => 0n) };
    this.#lines.set(name, line);
    return line;
  }

  #fail({ dataset, scope, entityId }: EntityKey, error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.#failures.push({ dataset, scope, entityId, reason: errorType(error), detail });
  }
}

class Failed {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

interface ScaledEntry {
  readonly name: string;
  readonly key: readonly string[];
  readonly adds: readonly bigint[];
}

function scaled({ key, adds }: Entry, scales: readonly number[]): ScaledEntry {
  const name = key.length === 1 ? key[0]! : JSON.stringify(key);
  return {
    name,
    key,
    adds: adds.map((value, at) =>
      typeof value === 'number' && scales[at] === 0 ? BigInt(value) : toScaled(String(value), scales[at]!),
    ),
  };
}

/** Digits behind the point of a measure: none, of a whole number. */
export function scaleOf(measure: Measure): number {
  return measure.kind === 'decimal' ? measure.scale : 0;
}
