import { covers, mergeClocks } from '../clock.ts';
import { evolutionField, policiesField } from '../datasets/event-types.ts';
import { assertInvariant } from '../errors.ts';
import {
  entityKeyOf,
  entityName,
  sameDot,
  type DomainEvent,
  type JsonObject,
  type JsonValue,
} from '../event.ts';
import { compareWriters, STATUS_FIELD, type EntityState, type Writer } from './entity-state.ts';

type Values = Readonly<Record<string, JsonValue>>;

export const CONFLICT_RESOLVED = 'ConflictResolved';
export const INCIDENT_REPORTED = 'IncidentReported';
export const EVENT_DISCARDED = 'EventDiscarded';
export const CONFLICT_NOTED = 'ConflictNoted';
export const DATASET_EVOLVED = 'DatasetEvolved';
export const POLICIES_CHANGED = 'PoliciesChanged';

const BEGINNINGS: ReadonlySet<string> = new Set([
  INCIDENT_REPORTED,
  EVENT_DISCARDED,
  CONFLICT_NOTED,
  DATASET_EVOLVED,
  POLICIES_CHANGED,
]);
/** What they say is in the event itself, and nothing of it is a field. */
const SAID_ONLY: ReadonlySet<string> = new Set([EVENT_DISCARDED, CONFLICT_NOTED]);
const LIVE: Values = Object.freeze({ [STATUS_FIELD]: 'live' });
const VOIDED: Values = Object.freeze({ [STATUS_FIELD]: 'voided' });

/** Whether the event brings an entity into being. */
export function isRecording(event: Pick<DomainEvent, 'type'>): boolean {
  return BEGINNINGS.has(event.type) || event.type.endsWith('Recorded');
}

/** The fields that an event writes, `$status` among them. An unknown type writes none. */
export function writtenFields(event: Pick<DomainEvent, 'type' | 'data' | 'epoch'>): Values {
  if (SAID_ONLY.has(event.type)) return LIVE; // two lives of a head may discard one event: no conflict
  if (event.type === DATASET_EVOLVED) return evolutionOf(event);
  if (event.type === POLICIES_CHANGED) return policiesOf(event.data);
  if (isRecording(event)) return { ...event.data, ...LIVE };
  if (event.type.endsWith('Amended')) return event.data;
  if (event.type.endsWith('Voided')) return VOIDED;
  if (event.type.endsWith('Restored')) return LIVE;
  return event.type === CONFLICT_RESOLVED ? (event.data['writes'] as JsonObject) : {};
}

/** Each version of each dataset stands by itself: what comes later takes nothing away. */
function evolutionOf({ data, epoch }: Pick<DomainEvent, 'data' | 'epoch'>): Values {
  return { [evolutionField(String(data['dataset']), Number(data['to']), epoch)]: data };
}

function policiesOf(data: JsonObject): Values {
  const { dataset, policies } = data as { dataset: string; policies: { version: number } };
  return { [policiesField(dataset, policies.version)]: data };
}

/**
 * Takes one event into the state of its entity. An event takes over the fields it writes from every writer it
 * had seen, and leaves alone what was written without its knowledge: a multi-value register per field. The
 * result depends on the set of events only. That needs clocks that are transitive (who saw an event saw its
 * causes, as the decider writes them); then a field that a writer lost is held by one that saw that writer.
 */
export function evolve(state: EntityState | null, event: DomainEvent): EntityState {
  const writes = writtenFields(event);
  if (state === null) return firstState(event, writes);
  assertInvariant(entityName(state) === entityName(event), 'an event is folded into its own entity');
  const at = isoOf(event.at);
  return {
    ...entityKeyOf(state),
    clock: mergeClocks(state.clock, event.clock),
    createdAt: isRecording(event) ? earlier(state.createdAt, at) : state.createdAt,
    updatedAt: at > state.updatedAt ? at : state.updatedAt,
    writers: takeOver(state.writers, event, writes),
  };
}

function firstState(event: DomainEvent, writes: Values): EntityState {
  const at = isoOf(event.at);
  return {
    ...entityKeyOf(event),
    clock: event.clock,
    createdAt: isRecording(event) ? at : '',
    updatedAt: at,
    writers: isEmpty(writes) ? [] : [writerOf(event, writes)],
  };
}

/** Empty stands for: no recording known yet. */
function earlier(known: string, at: string): string {
  return known === '' || at < known ? at : known;
}

function isoOf(at: string): string {
  return at.slice(0, 24);
}

function takeOver(writers: readonly Writer[], event: DomainEvent, writes: Values): readonly Writer[] {
  const standing: Writer[] = [];
  let mine = writes;
  for (const writer of writers) {
    if (sameDot(writer, event)) return writers; // already taken in
    // One that had seen this event came before it: it keeps its fields, and this event never held them.
    if (covers(writer.clock, event)) mine = without(mine, writer.values);
    const left = covers(event.clock, writer) ? without(writer.values, writes) : writer.values;
    if (left === writer.values) standing.push(writer);
    else if (!isEmpty(left)) standing.push({ ...writer, values: left });
  }
  if (!isEmpty(mine)) insertInOrder(standing, writerOf(event, mine));
  return standing;
}

function writerOf(event: DomainEvent, values: Values): Writer {
  const { office, epoch, seq, at, actor, clock } = event;
  return { office, epoch, seq, at, actor, clock, values };
}

function insertInOrder(writers: Writer[], writer: Writer): void {
  let place = writers.length;
  while (place > 0 && compareWriters(writers[place - 1]!, writer) > 0) place -= 1;
  writers.splice(place, 0, writer);
}

/** The same object when nothing is taken away. */
function without(values: Values, taken: Values): Values {
  const names = Object.keys(values);
  if (!names.some((name) => Object.hasOwn(taken, name))) return values;
  return Object.fromEntries(
    names.filter((name) => !Object.hasOwn(taken, name)).map((name) => [name, values[name]!]),
  );
}

function isEmpty(values: Values): boolean {
  for (const name in values) if (Object.hasOwn(values, name)) return false;
  return true;
}
