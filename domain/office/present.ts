import { canonicalObject } from '../canonical-json.ts';
import { includes, type VectorClock } from '../clock.ts';
import { disputedFields } from '../conflict/detect.ts';
import { countedFields } from '../datasets/counted.ts';
import type { Dataset, DatasetRow, FieldType } from '../datasets/dataset.ts';
import { isCanonicalValue } from '../datasets/field-value.ts';
import type { JsonValue } from '../event.ts';
import { encodeUtf8 } from '../utf8.ts';
import { STATUS_FIELD, type EntityState, type EntityStatus, type Writer } from './entity-state.ts';

type Values = Readonly<Record<string, JsonValue>>;

/** The value shown for each field: of concurrent ones the last by (at, office). The same rule at every office. */
export function winningValues(state: EntityState): Values {
  if (state.writers.length === 1) return state.writers[0]!.values;
  return Object.assign({}, ...state.writers.map((writer) => writer.values)) as Values;
}

/**
 * The value of each of the dataset's fields, by key. An entity that was written before a field was there has its default:
 * this is all that it takes to read an older version, for whatever was written keeps its meaning (docs/adr/0014).
 */
export function fieldValues({ fields }: Dataset, state: EntityState): Values {
  const winning = winningValues(state);
  const values: Record<string, JsonValue> = {};
  for (const name in fields)
    values[name] = Object.hasOwn(winning, name) ? winning[name]! : (fields[name]!.default ?? null);
  return values;
}

/** The void that stands, the last of several; null for a live entity. A void beats whatever is concurrent. */
export function standingVoid(state: EntityState): Writer | null {
  return state.writers.findLast((writer) => writer.values[STATUS_FIELD] === 'voided') ?? null;
}

export function statusOf(state: EntityState): EntityStatus {
  return standingVoid(state) === null ? 'live' : 'voided';
}

export function presentRow(dataset: Dataset, state: EntityState): DatasetRow {
  const shown = fieldValues(dataset, state);
  const values: Record<string, JsonValue> = { ...shown };
  for (const [name, { type, compute }] of Object.entries(dataset.computed)) {
    const computed = compute(shown);
    values[name] = fitsComputed(type, computed) ? computed : null;
  }
  return {
    scope: state.scope,
    entityId: state.entityId,
    values,
    createdAt: state.createdAt || state.updatedAt,
    updatedAt: state.updatedAt,
    deletedAt: standingVoid(state)?.at.slice(0, 24) ?? null,
    conflicted: disputedFields(state, countedFields(dataset)).length > 0,
  };
}

/**
 * No command makes a computed value that its column cannot hold, but two offices together can: one raised the
 * quantity, the other the cost. Such a value is shown as unknown until somebody mends the entity.
 */
export function fitsComputed(type: FieldType, value: JsonValue): boolean {
  return value === null || isCanonicalValue(type, value);
}

const STATE_FORMAT = 1;
type ClockOrSame = VectorClock | 0;
type PackedWriter = [string, number, number, string, string, ClockOrSame, Values];
type PackedState = [number, string, string, string, string, string, VectorClock, PackedWriter[]];

/** One transaction needs the text of a state up to three times: for what it adds to a digest and takes away, and to store it. */
const texts = new WeakMap<EntityState, string>();

/** The state as text: the same for equal states, nothing lost. Stored, and hashed into the digests. */
export function encodeState(state: EntityState): string {
  const known = texts.get(state);
  if (known !== undefined) return known;
  const text = stateText(state);
  texts.set(state, text);
  return text;
}

/** The same, of a state of which it is wanted only once: to keep it with the state costs more than to make it. */
export function stateText(state: EntityState): string {
  const { dataset, scope, entityId, createdAt, updatedAt, clock, writers } = state;
  const start = JSON.stringify([STATE_FORMAT, dataset, scope, entityId, createdAt, updatedAt]).slice(0, -1);
  const packed = writers.map((writer) => writerJson(writer, clock)).join(',');
  return `${start},${canonicalObject(clock, 'clock')},[${packed}]]`;
}

/** Nearly every entity has one writer, which saw all there is: its clock is not written twice. */
function writerJson(
  { office, epoch, seq, at, actor, clock, values }: Writer,
  stateClock: VectorClock,
): string {
  const start = JSON.stringify([office, epoch, seq, at, actor]).slice(0, -1);
  const own = includes(clock, stateClock) ? '0' : canonicalObject(clock, 'clock');
  return `${start},${own},${canonicalObject(values, 'values')}]`;
}

export function stateBytes(state: EntityState): Uint8Array {
  return encodeUtf8(encodeState(state));
}

/** Reads what `encodeState` wrote in this database. Not for text of other origin. */
export function decodeState(text: string): EntityState {
  const [, dataset, scope, entityId, createdAt, updatedAt, clock, writers] = JSON.parse(text) as PackedState;
  const state: EntityState = {
    dataset,
    scope,
    entityId,
    clock,
    createdAt,
    updatedAt,
    writers: writers.map((writer) => unpackWriter(writer, clock)),
  };
  texts.set(state, text); // what it added to a digest it takes away again
  return state;
}

function unpackWriter(
  [office, epoch, seq, at, actor, clock, values]: PackedWriter,
  stateClock: VectorClock,
): Writer {
  return {
    office,
    epoch,
    seq,
    at,
    actor,
    clock: clock === 0 ? stateClock : clock,
    values,
  };
}
