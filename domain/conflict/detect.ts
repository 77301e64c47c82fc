import { covers, lifeOf } from '../clock.ts';
import type { JsonValue } from '../event.ts';
import { compareWriters, STATUS_FIELD, type EntityState, type Writer } from '../office/entity-state.ts';
import type { Contender } from './case.ts';

/** Fields of which each write counts, so that two sides are in dispute even where they wrote the same value. */
export interface CountedFields {
  has(field: string): boolean;
}

const NONE: CountedFields = new Set<string>();
/** For who does not know the dataset, and would rather look at too many entities than at too few. */
export const ALL_COUNTED: CountedFields = { has: (field) => field !== STATUS_FIELD };

/**
 * The fields in conflict, in order: those that hold at least two different values, written by offices that did
 * not know of each other; counted ones also where the values are the same (each of two offices sold one of three, and
 * has two left); `$status` also where one voided what another edited meanwhile.
 */
export function disputedFields(state: EntityState, counted: CountedFields = NONE): string[] {
  if (state.writers.length < 2) return [];
  const values = new Map<string, JsonValue>();
  const disputed = new Set<string>();
  for (const writer of state.writers) {
    for (const [field, value] of Object.entries(writer.values)) {
      if (!values.has(field)) values.set(field, value);
      else if (counted.has(field) || !sameValue(values.get(field)!, value)) disputed.add(field);
    }
  }
  if (isVoidedUnawares(state.writers)) disputed.add(STATUS_FIELD);
  return [...disputed].sort();
}

export function sameValue(a: JsonValue, b: JsonValue): boolean {
  // Nested values come from decoded canonical bytes, or are written in one order: their text tells.
  return (
    a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
  );
}

function isVoidedUnawares(writers: readonly Writer[]): boolean {
  const voids = writers.filter(isVoid);
  return voids.length > 0 && writers.some((writer) => editsUnawares(writer, voids));
}

function isVoid(writer: Writer): boolean {
  return writer.values[STATUS_FIELD] === 'voided';
}

/** Whether the writer changed data while another voided the entity, neither knowing of the other. */
function editsUnawares(writer: Writer, voids: readonly Writer[]): boolean {
  return hasData(writer) && voids.some((voiding) => voiding !== writer && areConcurrent(voiding, writer));
}

function hasData(writer: Writer): boolean {
  return Object.keys(writer.values).some((field) => field !== STATUS_FIELD);
}

function areConcurrent(a: Writer, b: Writer): boolean {
  return !covers(a.clock, b) && !covers(b.clock, a);
}

/**
 * The sides of a dispute: one for each life of an office that wrote one of the fields, however often it did.
 * An editor against a void stands for `$status` live, and brings its edited fields along as evidence.
 */
export function contendersOf(state: EntityState, fields: readonly string[]): Contender[] {
  const voids = fields.includes(STATUS_FIELD) ? state.writers.filter(isVoid) : [];
  const sides = new Map<string, Contender>();
  for (const writer of state.writers) {
    const values = {
      ...standingValues(writer, fields),
      ...(editsUnawares(writer, voids) ? evidence(writer) : {}),
    };
    if (Object.keys(values).length === 0) continue;
    sides.set(lifeOf(writer), joinSides(sides.get(lifeOf(writer)), sideOf(writer, values)));
  }
  return [...sides.values()].sort(compareWriters);
}

function standingValues(writer: Writer, fields: readonly string[]): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(writer.values).filter(([field]) => fields.includes(field)));
}

function evidence(writer: Writer): Record<string, JsonValue> {
  return { [STATUS_FIELD]: 'live', ...writer.values };
}

function sideOf({ office, epoch, seq, at, actor, clock }: Writer, values: Contender['values']): Contender {
  const wroteAt = Object.fromEntries(Object.keys(values).map((field) => [field, at]));
  return { office, epoch, seq, at, actor, clock, values, wroteAt };
}

function joinSides(known: Contender | undefined, side: Contender): Contender {
  if (known === undefined) return side;
  const [older, newer] = known.seq < side.seq ? [known, side] : [side, known];
  return {
    ...newer,
    values: { ...older.values, ...newer.values },
    wroteAt: { ...older.wroteAt, ...newer.wroteAt },
  };
}
