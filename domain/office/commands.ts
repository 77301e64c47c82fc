import type { Dot, EntityKey, JsonObject, JsonValue } from '../event.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A request about one entity, which may be refused. Fields are as a client sent them. */
export type Command =
  | RecordEntity
  | AmendEntity
  | VoidEntity
  | RestoreEntity
  | ResolveConflict
  | ReportIncident
  | DiscardEvent
  | NoteConflict
  | EvolveDataset
  | ChangePolicies;

export interface RecordEntity extends EntityKey {
  readonly type: 'record';
  readonly fields: Fields;
}

export interface AmendEntity extends EntityKey {
  readonly type: 'amend';
  /** Only those to change. */
  readonly fields: Fields;
}

export interface VoidEntity extends EntityKey {
  readonly type: 'void';
  readonly reason?: string;
}

export interface RestoreEntity extends EntityKey {
  readonly type: 'restore';
}

/** A ruling of the head, worked out by `ruleOn` or `ruleByHand`. */
export interface ResolveConflict extends EntityKey {
  readonly type: 'resolve';
  readonly caseId: string;
  /** Every side that the ruling took into account. One more, and it no longer holds. */
  readonly contenders: readonly Dot[];
  /** The values that stand, for disputed fields only. */
  readonly writes: Readonly<Record<string, JsonValue>>;
  readonly policies: Readonly<Record<string, string>>;
  readonly policyVersion: number;
  readonly decision: 'automatic' | 'manual';
  /** Of a case that is settled: id of the event of its last ruling, which this one sets aside. */
  readonly overrules?: string;
  /** What every side had seen, kept as evidence. */
  readonly base?: Readonly<Record<string, JsonValue>>;
  readonly note?: string;
}

/** The head remarks on a conflict, open or settled. Its key is that of `notesKeyOf`. */
export interface NoteConflict extends EntityKey {
  readonly type: 'note-conflict';
  readonly caseId: string;
  /** The entity in conflict. */
  readonly about: Pick<EntityKey, 'dataset' | 'entityId'>;
  readonly note: string;
}

/** The head sets an event aside that waits and never will be applied. Its key is that of `discardKeyOf`. */
export interface DiscardEvent extends EntityKey {
  readonly type: 'discard-event';
  readonly event: Dot;
  /** For people: why it is not needed. */
  readonly why: string;
}

/** The head changes the schema of a dataset, or adds one, for all offices. Its key is `CATALOGUE_KEY`. */
export interface EvolveDataset extends EntityKey {
  readonly type: 'evolve-dataset';
  readonly evolves: string;
  /** As they were written down: see schema-change.ts. */
  readonly changes: unknown;
  /** The version that whoever asks has looked at. */
  readonly expected?: number;
}

/** The head has disputes over a dataset settled otherwise, at all offices. Its key is `CATALOGUE_KEY`. */
export interface ChangePolicies extends EntityKey {
  readonly type: 'change-policies';
  /** Name of the dataset. */
  readonly changes: string;
  /** As they were written down: see change-policies.ts. */
  readonly policies: unknown;
  /** The version of the policies that whoever asks has looked at. */
  readonly expected?: number;
}

/** Something happened to the office itself (a fork, a restore, a clock gone wrong): in `incidents`, its own scope. */
export interface ReportIncident extends EntityKey {
  readonly type: 'report-incident';
  readonly kind: string;
  readonly detail: JsonObject;
}
