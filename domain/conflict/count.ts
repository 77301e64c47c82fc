import { covers } from '../clock.ts';
import { addDecimals, subtractDecimals } from '../decimal.ts';
import type { DomainEvent, JsonValue } from '../event.ts';
import { compareWriters } from '../office/entity-state.ts';
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
  for (const event of inOrder(events)) {
    const value = writtenFields(event)[field];
    if (value === undefined) continue;
    const before = sumOf(entries.filter((entry) => covers(event.clock, entry.event)));
    const isChange = isNumber(before) && isNumber(value);
    entries.push({ event, value, change: isChange ? minus(value, before) : null });
  }
  return sumOf(entries);
}

/** Clocks are transitive: whoever had seen an event counts more than it. */
function inOrder(events: readonly DomainEvent[]): DomainEvent[] {
  const seen = (event: DomainEvent): number => Object.values(event.clock).reduce((sum, seq) => sum + seq, 0);
  return [...events].sort((a, b) => seen(a) - seen(b) || compareWriters(a, b));
}

/** From the one number that everything else was added to. */
function sumOf(entries: readonly Entry[]): JsonValue | undefined {
  const begins = entries.filter(({ change }) => change === null);
  const [begin, ...others] = begins.filter((one) => !begins.some((later) => isLater(later, one)));
  if (begin === undefined || others.length > 0 || !isNumber(begin.value)) return undefined;
  return entries.reduce(
    (sum, { event, change }) =>
      change === null || covers(begin.event.clock, event) ? sum : plus(sum, change),
    begin.value,
  );
}

function isLater(one: Entry, other: Entry): boolean {
  return one !== other && covers(one.event.clock, other.event);
}

function isNumber(value: JsonValue | undefined): value is JsonValue {
  return typeof value === 'number' || typeof value === 'string';
}

/** Whole numbers, or decimals as text. */
export function plus(a: JsonValue, b: JsonValue): JsonValue {
  return typeof a === 'number' && typeof b === 'number' ? a + b : addDecimals(String(a), String(b));
}

export function minus(a: JsonValue, b: JsonValue): JsonValue {
  return typeof a === 'number' && typeof b === 'number' ? a - b : subtractDecimals(String(a), String(b));
}
