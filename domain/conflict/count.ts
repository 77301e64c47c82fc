import { inCausalOrder } from '../causal-order.ts';
import { covers, lifeOf, type VectorClock } from '../clock.ts';
import { addDecimals, isCanonicalDecimal, subtractDecimals } from '../decimal.ts';
import type { DomainEvent, JsonValue } from '../event.ts';
import { writtenFields } from '../office/evolve.ts';

/**
 * What all the events of an entity make of a counted field, whoever knew of whom: an event says what stood when it was
 * written, so that it added the difference from what its author had seen. Undefined where nobody can tell: there is no
 * number, or two offices began to count without each other.
 */
export function countOf(events: readonly DomainEvent[], field: string): JsonValue | undefined {
  const count = new Count(field);
  for (const event of inCausalOrder(events)) count.take(event);
  return count.seenBy(null);
}

/** What a life has added up to one of its events. */
interface Reached {
  readonly seq: number;
  readonly sum: JsonValue;
}

/** A count in the making. A clock covers the events of a life up to one of them: sums over lives answer all questions. */
export class Count {
  readonly #field: string;
  readonly #lives = new Map<string, Reached[]>();
  /** Events that set a number, and added nothing to another one. */
  readonly #begins: { readonly event: DomainEvent; readonly value: JsonValue }[] = [];

  constructor(field: string) {
    this.#field = field;
  }

  /** Causes come before effects. */
  take(event: DomainEvent): void {
    const value = writtenFields(event)[this.#field];
    if (value === undefined) return;
    const before = this.seenBy(event.clock);
    if (isNumber(before) && isNumber(value)) this.#add(event, minus(value, before));
    else this.#begins.push({ event, value });
  }

  /** What it comes to for whoever has seen this much: for null, all that there is. */
  seenBy(clock: VectorClock | null): JsonValue | undefined {
    const seen = clock === null ? this.#begins : this.#begins.filter(({ event }) => covers(clock, event));
    const standing = seen.filter(({ event }) => !seen.some((later) => isLater(later.event, event)));
    const [begin] = standing;
    if (begin === undefined || standing.length > 1 || !isNumber(begin.value)) return undefined;
    let sum = begin.value;
    for (const [life, reached] of this.#lives) {
      const from = begin.event.clock[life] ?? 0;
      const upTo = clock === null ? Infinity : (clock[life] ?? 0);
      if (upTo > from) sum = plus(sum, added(reached, from, upTo));
    }
    return sum;
  }

  #add(event: DomainEvent, change: JsonValue): void {
    const reached = this.#lives.get(lifeOf(event));
    const sum = reached === undefined ? change : plus(reached.at(-1)!.sum, change);
    if (reached === undefined) this.#lives.set(lifeOf(event), [{ seq: event.seq, sum }]);
    else reached.push({ seq: event.seq, sum });
  }
}

function isLater(one: DomainEvent, other: DomainEvent): boolean {
  return one !== other && covers(one.clock, other);
}

/** By the events of a life after one place, up to another. */
function added(reached: readonly Reached[], from: number, upTo: number): JsonValue {
  const before = sumAt(reached, from);
  const sum = sumAt(reached, upTo) ?? 0;
  return before === null ? sum : minus(sum, before);
}

function sumAt(reached: readonly Reached[], seq: number): JsonValue | null {
  let [low, high] = [0, reached.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached[middle]!.seq <= seq) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : reached[low - 1]!.sum;
}

export function isNumber(value: JsonValue | undefined): value is JsonValue {
  return typeof value === 'number' || (typeof value === 'string' && isCanonicalDecimal(value));
}

/** Whole numbers, or decimals as text. */
export function plus(a: JsonValue, b: JsonValue): JsonValue {
  return typeof a === 'number' && typeof b === 'number' ? a + b : addDecimals(String(a), String(b));
}

export function minus(a: JsonValue, b: JsonValue): JsonValue {
  return typeof a === 'number' && typeof b === 'number' ? a - b : subtractDecimals(String(a), String(b));
}
