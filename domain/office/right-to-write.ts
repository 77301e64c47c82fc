import { lifeOf } from '../clock.ts';
import type { Dataset, EventVerb } from '../datasets/dataset.ts';
import { CASE_NOTES, DEFINITIONS, DISCARDS, INCIDENTS, verbOf } from '../datasets/event-types.ts';
import { datasetAt } from '../datasets/evolution.ts';
import { flawOfData, flawOfWrites, unknownFieldOf } from '../datasets/validate.ts';
import {
  type DomainEvent,
  dotNamed,
  type JsonObject,
  type JsonValue,
  type OfficeId,
  SHARED_SCOPE,
} from '../event.ts';
import { shortened } from '../text.ts';
import type { EntityState } from './entity-state.ts';
import { flawOfPoliciesChanged, POLICIES_EVENT_VERSION } from './decide-policies.ts';
import { EVOLUTION_VERSION, flawOfEvolution } from './evolve-dataset.ts';
import {
  CONFLICT_NOTED,
  CONFLICT_RESOLVED,
  DATASET_EVOLVED,
  EVENT_DISCARDED,
  INCIDENT_REPORTED,
  isRecording,
  POLICIES_CHANGED,
} from './evolve.ts';

export type RefusalReason =
  | 'not-allowed'
  | 'unknown-dataset'
  | 'unknown-type'
  | 'version-unknown'
  | 'unknown-field'
  | 'invalid-data'
  | 'never-recorded';

export interface Refusal {
  readonly reason: RefusalReason;
  readonly detail: string;
}

const SYSTEM_EVENT_VERSION = 1;
/** What is said of an event may quote it, and an event may have 2 MiB. */
const MAX_DETAIL_LENGTH = 300;

/**
 * The one check of what an office may have written, the same at every office, so that all quarantine the same
 * events. Null when the event may be applied. A decider that works never makes an event that fails it.
 */
export function refusalOf(
  event: DomainEvent,
  headOffice: OfficeId,
  known: (name: string) => Dataset | null,
): Refusal | null {
  const byHead = event.office === headOffice;
  if (!mayWriteInScope(event, headOffice))
    return refuse('not-allowed', `${event.office} may not write to ${event.scope}`);
  if (!byHead && event.type === CONFLICT_RESOLVED)
    return refuse('not-allowed', 'only the head rules on conflicts');
  if (event.dataset === INCIDENTS) return refusalOfSystemEvent(event, INCIDENT_REPORTED);
  if (event.dataset === DISCARDS)
    return byHead ? refusalOfDiscard(event) : refuse('not-allowed', 'only the head discards events');
  if (event.dataset === DEFINITIONS)
    return byHead ? refusalOfDefinition(event) : refuse('not-allowed', 'only the head changes datasets');
  if (event.dataset === CASE_NOTES)
    return byHead
      ? refusalOfNote(event)
      : refuse('not-allowed', 'only the head notes what it makes of conflicts');
  const dataset = known(event.dataset);
  if (dataset === null) return refuse('unknown-dataset', `"${event.dataset}" is not known to this program`);
  const flaw = flawOfScope(dataset, event.scope);
  if (flaw !== null) return refuse('not-allowed', flaw);
  return refusalOfVersion(event, dataset);
}

/** An event is held to the version of the dataset that its author wrote it under. */
function refusalOfVersion(event: DomainEvent, dataset: Dataset): Refusal | null {
  const isRuling = event.type === CONFLICT_RESOLVED;
  if (!isRuling && verbOf(dataset, event.type) === null)
    return refuse('unknown-type', `"${event.type}" is no event of ${dataset.name}`);
  if (event.version > dataset.version) return tooNew(event.type, event.version);
  const asWritten = datasetAt(dataset, event.version);
  return (
    refusalOfField(event, asWritten) ??
    (isRuling ? refusalOfResolution(event, asWritten) : refusalOfChange(event, asWritten))
  );
}

/** Another life of the head may have given the dataset this version with a field that has not come here yet. */
function refusalOfField(event: DomainEvent, dataset: Dataset): Refusal | null {
  const field = dataset.before === undefined ? null : unknownFieldOf(dataset, fieldsIn(event, dataset));
  return field === null
    ? null
    : refuse('unknown-field', `"${field}" is not known here as a field of ${dataset.name}`);
}

function fieldsIn({ type, data }: DomainEvent, dataset: Dataset): JsonObject {
  if (type === CONFLICT_RESOLVED) return isObject(data['writes']) ? data['writes'] : {};
  const verb = verbOf(dataset, type);
  return verb === 'Recorded' || verb === 'Amended' ? data : {};
}

/** Why entities of a dataset cannot belong there, or null. Whether they belong to an office that exists is not asked. */
export function flawOfScope({ name, scope: declared }: Dataset, scope: string): string | null {
  if (declared === 'office' || scope === SHARED_SCOPE) return null;
  return `${name} belong to all offices, and not to ${scope}`;
}

/** An office writes in its own scope, the head in every one. */
export function mayWriteInScope({ office, scope }: DomainEvent, headOffice: OfficeId): boolean {
  return office === headOffice || scope === office;
}

/**
 * What only the state shows: nothing can be changed that its author had never seen recorded. The causes are there
 * already; what somebody else has recorded, unknown to the author, makes no difference, or it would matter what came first.
 */
export function refusalInState(state: EntityState | null, event: DomainEvent): Refusal | null {
  if (isRecording(event) || (state !== null && hadSeenAny(state, event))) return null;
  return refuse('never-recorded', `${event.type} on an entity that its author never saw recorded`);
}

function hadSeenAny({ clock }: EntityState, event: DomainEvent): boolean {
  const own = lifeOf(event);
  return Object.hasOwn(clock, own) || Object.keys(event.clock).some((life) => life !== own);
}

function refuse(reason: RefusalReason, detail: string): Refusal {
  return { reason, detail: shortened(detail, MAX_DETAIL_LENGTH) };
}

function refusalOfSystemEvent(
  { dataset, type, version }: DomainEvent,
  known: string,
  newest = SYSTEM_EVENT_VERSION,
): Refusal | null {
  if (type !== known) return refuse('unknown-type', `"${type}" is no event of ${dataset}`);
  return version > newest ? tooNew(type, version) : null;
}

function refusalOfDefinition(event: DomainEvent): Refusal | null {
  if (event.type === POLICIES_CHANGED)
    return (
      refusalOfSystemEvent(event, POLICIES_CHANGED, POLICIES_EVENT_VERSION) ??
      refusalOfFlaw(flawOfPoliciesChanged(event))
    );
  return (
    refusalOfSystemEvent(event, DATASET_EVOLVED, EVOLUTION_VERSION) ?? refusalOfFlaw(flawOfEvolution(event))
  );
}

function refusalOfDiscard(event: DomainEvent): Refusal | null {
  const refusal = refusalOfSystemEvent(event, EVENT_DISCARDED);
  if (refusal !== null || dotNamed(event.entityId) !== null) return refusal;
  return refuse('invalid-data', `"${event.entityId}" names no event`);
}

function refusalOfNote(event: DomainEvent): Refusal | null {
  const refusal = refusalOfSystemEvent(event, CONFLICT_NOTED);
  if (refusal !== null) return refusal;
  const { caseId, note } = event.data;
  return refusalOfFlaw(typeof caseId === 'string' && typeof note === 'string' ? null : 'it notes nothing');
}

function tooNew(type: string, version: number): Refusal {
  return refuse('version-unknown', `${type} version ${version} is newer than this program`);
}

function refusalOfChange(event: DomainEvent, dataset: Dataset): Refusal | null {
  return refusalOfFlaw(flawOfChange(verbOf(dataset, event.type)!, event.data, dataset));
}

function flawOfChange(verb: EventVerb, data: JsonObject, dataset: Dataset): string | null {
  switch (verb) {
    case 'Recorded':
    case 'Amended':
      return flawOfData(dataset, data);
    case 'Voided':
    case 'Restored':
      return null;
  }
}

function refusalOfFlaw(flaw: string | null): Refusal | null {
  return flaw === null ? null : refuse('invalid-data', flaw);
}

function refusalOfResolution({ data }: DomainEvent, dataset: Dataset): Refusal | null {
  const writes = data['writes'];
  return refusalOfFlaw(isObject(writes) ? flawOfWrites(dataset, writes) : 'writes is not an object');
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
