import { inCausalOrder } from '../causal-order.ts';
import { covers, EMPTY_CLOCK, includes, seenToo } from '../clock.ts';
import { addDecimals, isCanonicalDecimal, subtractDecimals } from '../decimal.ts';
import type { DomainEvent, JsonValue } from '../event.ts';
import { writtenFields } from '../office/evolve.ts';

/** What one event did to a count. */
interface Entry {
  readonly event: DomainEvent;
  /** What it added to all that its author had seen; null where that was no number, and it set one. */
  readonly change: JsonValue | null;
  readonly value: JsonValue;
}

/**
 * What all the events of an entity make of a counted field, whoever knew of whom: an event says what stood when it was
 * written, so that it added the difference from what its author had seen. Undefined where nobody can tell: there is no
 * number, or two offices began to count without each other.
 */
export function countOf(events: readonly DomainEvent[], field: string): JsonValue | undefined {
  const entries: Entry[] = [];
  let seen = EMPTY_CLOCK;
  let sum: JsonValue | undefined;
  for (const event of inCausalOrder(events)) {
    const value = writtenFields(event)[field];
    if (value === undefined) continue;
    const isOnTop = includes(event.clock, seen); // nearly always: it had seen all that there is
    const before = isOnTop ? sum : sumOf(entries.filter((entry) => covers(event.clock, entry.event)));
    const change = isNumber(before) && isNumber(value) ? minus(value, before) : null;
    entries.push({ event, value, change });
    seen = seenToo(seen, event);
    if (isOnTop) sum = isNumber(value) ? value : undefined;
    else sum = change !== null && isNumber(sum) ? plus(sum, change) : sumOf(entries);
  }
  return sum;
}

/** From the one number that everything else was added to. */
function sumOf(entries: readonly Entry[]): JsonValue | undefined {
  const begins = newest(entries.filter(({ change }) => change === null));
  const [begin] = begins;
  if (begin === undefined || begins.length > 1 || !isNumber(begin.value)) return undefined;
  return entries.reduce(
    (sum, { event, change }) =>
      change === null || covers(begin.event.clock, event) ? sum : plus(sum, change),
    begin.value,
  );
}

/** Those that no later one had seen; they come in order. */
function newest(begins: readonly Entry[]): Entry[] {
  return begins.reduce<Entry[]>(
    (standing, one) => [...standing.filter((other) => !isLater(one, other)), one],
    [],
  );
}

function isLater(one: Entry, other: Entry): boolean {
  return covers(one.event.clock, other.event);
}

function isNumber(value: JsonValue | undefined): value is JsonValue {
  return typeof value === 'number' || (typeof value === 'string' && isCanonicalDecimal(value));
}

/** Whole numbers, or decimals as text. */
export function plus(a: JsonValue, b: JsonValue): JsonValue {
  return typeof a === 'number' && typeof b === 'number' ? a + b : addDecimals(String(a), String(b));
}

export function minus(a: JsonValue, b: JsonValue): JsonValue {
  return typeof a === 'number' && typeof b === 'number' ? a - b : subtractDecimals(String(a), String(b));
}
