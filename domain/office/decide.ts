import { assertEntityId } from '../canonical.ts';
import type { ConflictCase } from '../conflict/case.ts';
import { contendersOf, disputedFields, sameValue } from '../conflict/detect.ts';
import { ruledFields } from '../conflict/resolve-by-hand.ts';
import { countedFields } from '../datasets/counted.ts';
import type { Dataset, EventVerb } from '../datasets/dataset.ts';
import { CASE_NOTES, DISCARDS, INCIDENTS, eventType } from '../datasets/event-types.ts';
import { flawOfWrites, refuseIfAny, validateFields } from '../datasets/validate.ts';
import { assertNever, DomainError, invalidValue } from '../errors.ts';
import {
  dotName,
  dotOf,
  type DomainEvent,
  type JsonObject,
  type JsonValue,
  type OfficeId,
  SHARED_SCOPE,
} from '../event.ts';
import { flawOfText, isLongerThan } from '../text.ts';
import type {
  AmendEntity,
  Command,
  DiscardEvent,
  NoteConflict,
  RecordEntity,
  ReportIncident,
  ResolveConflict,
} from './commands.ts';
import { assertWaits, type Standing } from './discard.ts';
import type { EntityState } from './entity-state.ts';
import { decidePolicies } from './decide-policies.ts';
import { decideEvolution } from './evolve-dataset.ts';
import { CONFLICT_NOTED, CONFLICT_RESOLVED, EVENT_DISCARDED, INCIDENT_REPORTED } from './evolve.ts';
import { flawOfScope } from './right-to-write.ts';
import { withSums } from './counting.ts';
import { fitsComputed, fieldValues, statusOf } from './present.ts';

export interface DecisionContext {
  readonly office: OfficeId;
  readonly role: 'head' | 'branch';
  /** The command's dataset; null when this program has none of that name. */
  readonly dataset: Dataset | null;
  /** The dataset that the command changes. */
  readonly evolves?: Dataset | null;
  /** How the event that is to be discarded stands here. */
  readonly standing?: Standing;
  /** The open case of the entity. */
  readonly open?: ConflictCase | null;
  /** The settled case that the command rules on again. */
  readonly settled?: ConflictCase | null;
}

export type DecidedEvent = Pick<DomainEvent, 'type' | 'version' | 'data'>;
export type Decision = { readonly event: DecidedEvent } | { readonly noChange: true };

const NO_CHANGE: Decision = { noChange: true };
const INCIDENT_VERSION = 1;
const DISCARD_VERSION = 1;
const NOTE_VERSION = 1;
const MAX_NOTE_LENGTH = 500;
const MAX_KIND_LENGTH = 64;

/**
 * Whether a command on an entity becomes an event, and which. Pure.
 * @throws DomainError `unknown-dataset`, `not-your-scope`, `not-allowed`, `unknown-entity`, `already-exists`,
 *   `entity-voided`, `case-settled`, `dataset-changed`, `dataset-changing`, `only-at-the-head`, `unknown-event`, `event-applied`, `event-discarded`,
 *   `invalid-input`, `invalid-value`
 */
export function decide(command: Command, state: EntityState | null, context: DecisionContext): Decision {
  assertEntityId(command.entityId);
  assertRightToWrite(command, context);
  if (command.type === 'report-incident') return state === null ? reportIncident(command) : NO_CHANGE;
  if (command.type === 'discard-event') return discard(command, context.standing ?? null);
  if (command.type === 'evolve-dataset')
    return { event: decideEvolution(command, state, context.evolves ?? null) };
  if (command.type === 'change-policies') {
    const event = decidePolicies(command, state, context.evolves ?? null);
    return event === null ? NO_CHANGE : { event };
  }
  if (command.type === 'note-conflict') return noteOn(command);
  const dataset = knownDataset(command, context);
  const flaw = flawOfScope(dataset, command.scope);
  if (flaw !== null) throw notYourScope(flaw, context.office, command.scope);
  if (command.type === 'record') return record(command, state, dataset);
  if (state === null) throw refusal('unknown-entity', command, 'does not exist');
  switch (command.type) {
    case 'amend':
      return amend(command, state, dataset, context.open ?? null);
    case 'void':
      return statusOf(state) === 'voided'
        ? NO_CHANGE
        : decided(dataset, 'Voided', reasonData(command.reason));
    case 'restore':
      return statusOf(state) === 'live' ? NO_CHANGE : decided(dataset, 'Restored', {});
    case 'resolve':
      return command.overrules === undefined
        ? resolve(command, state, dataset)
        : overrule(command, state, dataset, context.settled ?? null);
    default:
      return assertNever(command);
  }
}

function refusal(type: string, command: Command, what: string): DomainError {
  const { dataset, scope, entityId } = command;
  return new DomainError(type, `"${entityId}" of ${dataset} in ${scope} ${what}`, {
    dataset,
    scope,
    entityId,
  });
}

function decided(dataset: Dataset, verb: EventVerb, data: JsonObject): Decision {
  return { event: { type: eventType(dataset, verb), version: dataset.version, data } };
}

/** The same rule that every office holds foreign events to: see right-to-write.ts. */
function assertRightToWrite({ type, scope }: Command, { office, role }: DecisionContext): void {
  if ((type === 'resolve' || type === 'note-conflict') && role !== 'head') {
    throw new DomainError('not-allowed', 'Only the head rules on conflicts', { office });
  }
  if (type === 'discard-event' && role !== 'head') {
    throw new DomainError('only-at-the-head', 'Only the head discards events; ask there', { office });
  }
  if ((type === 'evolve-dataset' || type === 'change-policies') && role !== 'head') {
    throw new DomainError('only-at-the-head', 'Only the head changes datasets; ask there', { office });
  }
  if (role === 'head' || scope === office) return;
  const message =
    scope === SHARED_SCOPE
      ? 'Only the head writes what belongs to all offices'
      : `Office ${office} may not write what belongs to ${scope}`;
  throw notYourScope(message, office, scope);
}

function notYourScope(message: string, expected: OfficeId, actual: string): DomainError {
  return new DomainError('not-your-scope', message, { expected, actual });
}

function knownDataset(command: Command, { dataset }: DecisionContext): Dataset {
  if (dataset !== null && dataset.name === command.dataset) return dataset;
  throw new DomainError('unknown-dataset', `There is no dataset "${command.dataset}"`, {
    dataset: command.dataset,
  });
}

function record(command: RecordEntity, state: EntityState | null, dataset: Dataset): Decision {
  if (state !== null) throw refusal('already-exists', command, 'exists already');
  const data = validateFields(dataset, command.fields, 'record');
  assertComputable(dataset, data);
  return decided(dataset, 'Recorded', data);
}

function amend(
  command: AmendEntity,
  state: EntityState,
  dataset: Dataset,
  open: ConflictCase | null,
): Decision {
  const fields = withSums(command.fields, dataset, fieldValues(dataset, state), open);
  const given = validateFields(dataset, fields, 'amend');
  if (statusOf(state) === 'voided') throw refusal('entity-voided', command, 'is voided; restore it first');
  const changes = changesOf(given, state, dataset);
  if (Object.keys(changes).length === 0) return NO_CHANGE;
  assertComputable(dataset, { ...fieldValues(dataset, state), ...changes });
  return decided(dataset, 'Amended', changes);
}

/** Writing the shown value of a disputed field is a change: it says which of the values is right. */
function changesOf(given: JsonObject, state: EntityState, dataset: Dataset): JsonObject {
  const standing = fieldValues(dataset, state);
  const disputed = disputedFields(state, countedFields(dataset));
  const isChange = ([field, value]: [string, JsonValue]) =>
    disputed.includes(field) || !sameValue(standing[field] ?? null, value);
  return Object.fromEntries(Object.entries(given).filter(isChange));
}

function assertComputable(dataset: Dataset, values: JsonObject): void {
  for (const [name, { type, compute }] of Object.entries(dataset.computed)) {
    if (type.kind === 'decimal' && !fitsComputed(type, compute(values)))
      throw invalidValue(name, 'would have too many digits to be kept');
  }
}

function reasonData(reason: string | undefined): JsonObject {
  if (reason === undefined || reason === '') return {};
  assertShortText(reason, 'reason', MAX_NOTE_LENGTH);
  return { reason };
}

function assertShortText(text: unknown, path: string, characters: number): void {
  if (typeof text !== 'string') throw invalidValue(path, 'is not text');
  const flaw =
    flawOfText(text) ?? (isLongerThan(text, characters) ? `has more than ${characters} characters` : null);
  if (flaw !== null) throw invalidValue(path, flaw);
}

function reportIncident({ dataset, kind, detail }: ReportIncident): Decision {
  if (dataset !== INCIDENTS) throw invalidValue('dataset', `is not "${INCIDENTS}"`);
  assertShortText(kind, 'kind', MAX_KIND_LENGTH);
  return { event: { type: INCIDENT_REPORTED, version: INCIDENT_VERSION, data: { kind, detail } } };
}

function discard({ dataset, event, why }: DiscardEvent, standing: Standing): Decision {
  if (dataset !== DISCARDS) throw invalidValue('dataset', `is not "${DISCARDS}"`);
  assertWaits(dotName(event), standing);
  if (why === '') throw invalidValue('why', 'must not be empty');
  assertShortText(why, 'why', MAX_NOTE_LENGTH);
  return {
    event: { type: EVENT_DISCARDED, version: DISCARD_VERSION, data: { event: { ...dotOf(event) }, why } },
  };
}

function noteOn({ dataset, caseId, about, note }: NoteConflict): Decision {
  if (dataset !== CASE_NOTES) throw invalidValue('dataset', `is not "${CASE_NOTES}"`);
  if (note === '') throw invalidValue('note', 'must not be empty');
  assertShortText(note, 'note', MAX_NOTE_LENGTH);
  return {
    event: { type: CONFLICT_NOTED, version: NOTE_VERSION, data: { caseId, about: { ...about }, note } },
  };
}

function resolve(command: ResolveConflict, state: EntityState, dataset: Dataset): Decision {
  const disputed = disputedFields(state, countedFields(dataset));
  if (disputed.length === 0) throw caseSettled(command, 'settled', 'is settled already');
  const weighed = new Set(command.contenders.map(dotName));
  const isWeighed = contendersOf(state, disputed).every((side) => weighed.has(dotName(side)));
  // Who rules names fields of the case that he read: one that nobody disputes any more was settled since, by an edit.
  if (!isWeighed || !Object.keys(command.writes).every((field) => disputed.includes(field)))
    throw caseSettled(command, 'changed', 'has changed since it was read; look at it again');
  assertWrites(command, disputed, dataset);
  return { event: { type: CONFLICT_RESOLVED, version: dataset.version, data: resolutionData(command) } };
}

/** A ruling on what nobody disputes any more: it sets the last one aside, and is held to the fields of its case. */
function overrule(
  command: ResolveConflict,
  state: EntityState,
  dataset: Dataset,
  settled: ConflictCase | null,
): Decision {
  const disputed = disputedFields(state, countedFields(dataset));
  if (disputed.length > 0 || settled === null)
    throw caseSettled(command, 'changed', 'is in dispute again; rule on that');
  if (settled.rulings.at(-1)?.eventId !== command.overrules)
    throw caseSettled(command, 'changed', 'has been ruled on again since it was read; look at it again');
  assertWrites(command, ruledFields(settled), dataset);
  return { event: { type: CONFLICT_RESOLVED, version: dataset.version, data: resolutionData(command) } };
}

function caseSettled(command: ResolveConflict, reason: 'settled' | 'changed', what: string): DomainError {
  const { caseId, entityId } = command;
  return new DomainError('case-settled', `The conflict over "${entityId}" ${what}`, {
    caseId,
    entityId,
    reason,
  });
}

function assertWrites({ writes }: ResolveConflict, disputed: readonly string[], dataset: Dataset): void {
  const strange = Object.keys(writes).filter((field) => !disputed.includes(field));
  refuseIfAny(
    strange.map((field) => ({ field, reason: 'is not in dispute' })),
    dataset,
  );
  if (Object.keys(writes).length === 0) throw invalidValue('writes', 'rules on nothing');
  const flaw = flawOfWrites(dataset, writes);
  if (flaw !== null) throw invalidValue('writes', flaw);
}

function resolutionData(command: ResolveConflict): JsonObject {
  const { caseId, contenders, writes, policies, policyVersion, decision, base, note, overrules } = command;
  if (note !== undefined) assertShortText(note, 'note', MAX_NOTE_LENGTH);
  return {
    caseId,
    contenders: contenders.map((dot) => ({ ...dotOf(dot) })),
    writes,
    policies,
    policyVersion,
    decision,
    ...(base === undefined ? {} : { base }),
    ...(overrules === undefined ? {} : { overrules }),
    ...(note === undefined || note === '' ? {} : { note }),
  };
}
