import type { CaseNote } from '../../domain/conflict/notes.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import type { Unfit } from '../../domain/datasets/definitions.ts';
import type { VerifiedRun } from '../../mixins/ledger/verify-chain.ts';
import type { QuarantinedEvent, QuarantineStatus } from '../../mixins/sync/quarantine-status.ts';
import type { OfficeStatus } from '../../mixins/sync/sync.ts';
import type { CaseView, RulingView, SideView } from '../conflicts/case-view.ts';
import type { OpenConflicts } from '../conflicts/overdue.ts';
import type { BulkOutcome } from '../conflicts/rule-in-bulk.ts';
import type { OfficeTrials, TrialPage, TrialView } from '../conflicts/try-policies.ts';
import type { ImportResult } from '../dataset/entity-import.ts';
import type { EventView, WaitingView } from '../event-view.ts';
import type { QuarantineView } from '../quarantine/quarantine-view.ts';
import type { OfficeView } from '../office-view.ts';
import { type Problem, PROBLEM_TYPES } from '../problem.ts';
import type { Readiness } from '../readiness.ts';
import { datasetAnswers, DECLARATION_ANSWERS } from './dataset-answers.ts';
import { orNull, type Schema } from './json-schema.ts';
import { PROJECTION_ANSWERS } from './projection-answers.ts';
import { count, flag, hash, list, moment, oneOf, page, ref, text, values, view } from './schemas.ts';

const EVENT: Record<keyof EventView, Schema> = {
  position: { ...count, description: 'Place in this office’s database; a cursor for `after`.' },
  status: oneOf('applied', 'parked', 'quarantined', 'discarded', 'displaced'),
  hash: { ...hash, description: 'SHA-256 of the author’s chain, up to and with this event.' },
  id: { type: 'string', format: 'uuid' },
  office: text,
  epoch: count,
  seq: count,
  dataset: text,
  scope: text,
  entityId: text,
  type: { ...text, examples: ['SaleRecorded'] },
  version: count,
  clock: { type: 'object', additionalProperties: count },
  at: { ...text, description: 'Hybrid logical time.', examples: ['2026-04-01T09:30:00.123Z/0000'] },
  actor: text,
  data: values,
};

const SYNC: Record<keyof OfficeStatus, Schema> = {
  state: {
    ...text,
    examples: [
      'streaming',
      'offline',
      'waiting-for-head',
      'greeting',
      'refused',
      'fenced',
      'claiming',
      'paused',
      'idle',
      'head',
    ],
  },
  paused: flag,
  pending: { ...count, description: 'Own events that are not yet acknowledged.' },
  ackedSeq: count,
  safeSeq: count,
  lastSeq: count,
  lastContactAt: orNull(moment),
  problem: {
    ...view<{ type: 0; detail: 0; since: 0 }>({ type: text, detail: text, since: moment }, ['since']),
    type: ['object', 'null'],
    description: 'Why nothing moves; null when all is well.',
  },
  quarantined: {
    ...view<QuarantineStatus>({ count, items: list(ref('HeldBack')) }),
    description:
      'Events of this office that the head keeps and does not apply, as it said last: how many, and the first.',
  },
  waiting: {
    ...orNull(count),
    description: 'Events parked or quarantined; null while the database is away.',
  },
  unfit: {
    ...list(view<Unfit>({ dataset: text, version: count, reason: text })),
    description: 'Changes of datasets by the head that are not carried out at this office, and why.',
  },
};

/** Which conflict, and over what. */
const CASE = { id: { type: 'string', format: 'uuid' }, dataset: text, office: text, entityId: text } as const;

const OFFICE_ANSWERS: Readonly<Record<string, Schema>> = {
  Problem: {
    type: 'object',
    description: 'RFC 9457. What the error knows stands beside these members.',
    properties: {
      type: { ...text, enum: PROBLEM_TYPES },
      title: text,
      status: { type: 'integer' },
      detail: text,
      instance: text,
      problems: list(ref('InputProblem')),
    } satisfies Partial<Record<keyof Problem, Schema>>,
    required: ['type', 'title', 'status', 'detail'],
  },
  InputProblem: {
    type: 'object',
    properties: {
      field: text,
      reason: { ...text, description: 'Completes a sentence that begins with the field’s name.' },
      actual: { description: 'What was given, when it is short.' },
    },
    required: ['field', 'reason'],
  },
  Event: view<EventView>(EVENT),
  EventPage: page(ref('Event'), count),
  WaitingEvent: view<WaitingView>({ ...EVENT, reason: text, detail: text, since: moment }),
  WaitingPage: page(ref('WaitingEvent'), count),
  QuarantinedEvent: view<QuarantineView>({
    ...EVENT,
    event: { ...text, examples: ['west@1:7'] },
    reason: orNull(text),
    detail: orNull(text),
    since: orNull(moment),
    waitsFor: { ...list(text), description: 'Events that must be applied or discarded first, by name.' },
    holdsBack: { ...list(text), description: 'Events of the same entity that wait for it, by name.' },
    discarded: {
      ...view<NonNullable<QuarantineView['discarded']>>({ by: text, at: moment, why: text }),
      type: ['object', 'null'],
    },
  }),
  HeldBack: view<QuarantinedEvent>({
    event: { ...text, examples: ['west@1:7'] },
    type: text,
    dataset: text,
    entityId: text,
    reason: text,
    detail: text,
  }),
  SyncStatus: view<OfficeStatus>(SYNC, ['waiting', 'unfit']),
  Office: view<OfficeView>({
    id: text,
    name: text,
    status: oneOf('active', 'retired'),
    subscribe: oneOf('own', 'all'),
    connected: flag,
    seq: count,
    epoch: count,
    safeSeq: count,
    lastContactAt: orNull(moment),
    addedAt: moment,
    datasets: {
      type: 'object',
      additionalProperties: count,
      description: 'The version in which it records each dataset, as it said last.',
    },
    behind: {
      ...list(text),
      description: 'Datasets of which the head has a newer version, or which the branch has not got.',
    },
  }),
  OfficePage: page(ref('Office'), text),
  Side: view<SideView>({ office: text, epoch: count, seq: count, at: moment, actor: text, values }),
  Ruling: view<RulingView>(
    {
      eventId: text,
      kind: oneOf('resolved', 'edited'),
      actor: text,
      at: moment,
      policies: values,
      policyVersion: count,
      overrules: { ...text, description: 'Event of the ruling that this one sets aside.' },
      note: text,
      values,
    },
    ['overrules', 'note'],
  ),
  Conflict: view<CaseView>({
    ...CASE,
    status: oneOf('open', 'settled'),
    fields: list(text),
    base: values,
    totals: {
      ...values,
      description:
        'Of an open conflict: what the counted fields in dispute come to, by all that was done to them.',
    },
    contenders: list(ref('Side')),
    overruled: list(ref('Side')),
    rulings: list(ref('Ruling')),
    notes: list(view<CaseNote>({ at: moment, actor: text, note: text })),
    atStake: {
      ...orNull(text),
      description:
        'Money: the largest difference that it makes to a decimal field, disputed or computed, which side stands; ' +
        'null where there is none.',
    },
    openedAt: moment,
    settledAt: orNull(moment),
  }),
  BulkOutcome: view<BulkOutcome>({
    ...CASE,
    outcome: oneOf('resolved', 'would-resolve', 'refused'),
    values,
    reason: { ...orNull(text), description: 'Why it is refused.' },
  }),
  BulkOutcomePage: page(ref('BulkOutcome'), text),
  Trial: view<TrialView>({
    ...CASE,
    status: oneOf('open', 'settled'),
    stands: values,
    would: values,
    undecided: { ...list(text), description: 'Fields that would be left to a person.' },
    money: {
      ...values,
      description: 'What each decimal field, disputed or computed, would have more or less.',
    },
  }),
  OfficeTrials: view<OfficeTrials>({
    office: text,
    cases: count,
    same: count,
    differs: count,
    left: { ...count, description: 'Left to a person.' },
    money: { ...values, description: 'By dataset and field, `sales.total`: exact sums.' },
  }),
  TrialPage: view<TrialPage>({
    offices: list(ref('OfficeTrials')),
    differing: list(ref('Trial')),
    next: orNull(text),
  }),
  ConflictPage: page(ref('Conflict'), text),
  VerifiedRun: view<VerifiedRun>({
    office: text,
    events: { ...count, description: 'Held against the chain in this run.' },
    loose: { ...count, description: 'Of them, those of which nothing that comes before them is held.' },
    next: { ...orNull(count), description: 'Seq to go on after; null at the end of the log.' },
    broken: orNull(text),
  }),
  Digest: view<{ dataset: 0; scope: 0; count: 0; events: 0; state: 0 }>({
    dataset: text,
    scope: text,
    count,
    events: hash,
    state: hash,
  }),
  ...PROJECTION_ANSWERS,
  ImportResult: view<ImportResult>({
    added: count,
    known: count,
    existing: count,
    refused: list(view<ImportResult['refused'][number]>({ index: count, type: text, reason: text })),
  }),
  Live: view<{ status: 0; office: 0; role: 0; name: 0; program: 0 }>({
    status: text,
    office: text,
    role: oneOf('head', 'branch'),
    name: text,
    program: text,
  }),
  Ready: view<Readiness>({
    ready: flag,
    office: text,
    role: oneOf('head', 'branch'),
    program: text,
    database: view<Readiness['database']>({ ok: flag, problem: orNull(text) }),
    conflicts: {
      ...view<OpenConflicts>({ open: count, overdue: count, alarmHours: count }),
      type: ['object', 'null'],
      description:
        'That nobody has settled yet, and of them those that have waited longer than `alarmHours`.',
    },
    sync: { anyOf: [ref('SyncStatus'), { type: 'null' }] },
  }),
  Index: view<{ office: 0; role: 0; name: 0; routes: 0 }>({
    office: text,
    role: oneOf('head', 'branch'),
    name: text,
    routes: list(text),
  }),
  Page: { type: 'string', description: 'HTML.' },
  Description: { type: 'object', description: 'An OpenAPI document: this one.' },
};

/** What every route may answer, by name. */
export function answerSchemas(datasets: readonly Dataset[]): Record<string, Schema> {
  return Object.assign({}, OFFICE_ANSWERS, DECLARATION_ANSWERS, ...datasets.map(datasetAnswers)) as Record<
    string,
    Schema
  >;
}
