import type { ChainPoint } from '../../domain/chain.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import type { Dataset, DatasetRow } from '../../domain/datasets/dataset.ts';
import type { DomainError } from '../../domain/errors.ts';
import type { Dot, EntityKey, LoggedEvent, OfficeId } from '../../domain/event.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import type {
  FeedCursor,
  KnownDatasets,
  QuarantineReport,
  Subscription,
} from '../../domain/sync/messages.ts';

/**
 * What keeps an office: one database of any family. Adapters (SQLite, PostgreSQL, MariaDB, MySQL) are held to
 * one contract suite (test/contract/store.contract.ts). They store and find; what is stored is decided in
 * domain/ and put together in mixins/ledger.
 */
export interface Store {
  readonly family: 'sqlite' | 'postgresql' | 'mariadb' | 'mysql';

  /**
   * Connects, applies pending migrations (never of a newer program: `database-too-new`), makes the dataset tables.
   * @throws DomainError `database-of-another-office`, `database-in-use`, `database-empty`, `database-outdated`, ...
   */
  open(options?: OpenOptions): Promise<void>;
  close(): Promise<void>;

  /**
   * Runs `work` in one database transaction. On deadlock, serialization failure, SQLITE_BUSY or lost connection
   * *before* commit was sent, the whole of `work` runs again (bounded). When the outcome of the commit is unknown
   * it throws `commit-unknown`: the caller settles it by reading back in a transaction that begins with `lockLog`,
   * since the one in doubt may still be committing, and holds that lock meanwhile. Database away: `database-unavailable`;
   * its disk full: `disk-full`, and nothing was written.
   * Only one runs at a time per Store on SQLite; elsewhere they are ordered by `lockLog`.
   */
  transaction<T>(work: (tx: StoreTx) => Promise<T>): Promise<T>;

  /**
   * Makes the datasets' tables ready for these shapes while everybody goes on. Takes a moment at most: says which are not
   * ready yet, and why; they are asked for again. Changes nothing where `open` was not to.
   */
  prepareTables(datasets: readonly Dataset[]): Promise<readonly NotYet[]>;
  /** From now on rows are written and read in these shapes; called while the log is locked. */
  useTables(datasets: readonly Dataset[]): void;

  /** Reads outside a transaction; each call is one consistent statement. */
  readonly read: StoreReader;

  /** Why nothing can be appended now: the disk is full, in words for people; null when nothing is known against it. */
  problem(): string | null;

  /** What weakens the promise that committed means durable, in words for people; empty when nothing does. */
  durability(): Promise<string[]>;
}

export interface NotYet {
  readonly dataset: string;
  /** For people. */
  readonly reason: string;
}

export interface OpenOptions {
  /**
   * What may be done to a database that is not ready: `make` (unless told) its tables for this office, `update` those
   * that an older program has made, or `nothing`.
   */
  readonly prepare?: 'make' | 'update' | 'nothing';
  /** Takes the database for this process alone, until `close`. */
  readonly alone?: Alone;
}

export interface Alone {
  /** Told once when another process took the database while this one had lost its connection to it. */
  readonly onTaken: (error: DomainError) => void;
  /** How long a process that is about to end is waited for; some seconds unless told. */
  readonly patienceMs?: number;
}

/** The one row that says whose database this is and how far it has come. */
export interface LogRow {
  readonly office: OfficeId;
  readonly role: 'head' | 'branch';
  /** The head's id: its own at the head; at a branch '' until the first greeting was answered. */
  readonly headOffice: OfficeId;
  /** End of the own log. */
  readonly tail: ChainPoint;
  /** Gap-free count of all events accepted here, own and foreign. */
  readonly position: number;
  /** Last hybrid time given or adopted. */
  readonly at: string;
  /** `fenced`: a second copy, refuses commands; `claiming`: it asks the head to be let in, and still refuses them. */
  readonly hold: 'none' | 'fenced' | 'claiming';
  readonly paused: boolean;
  /** Goes up with every change of what the datasets are: see `DEFINITIONS`. */
  readonly definitions: number;
  /** Number of events parked or quarantined. */
  readonly waiting: number;
  /** Session number granted last by the head (branch). */
  readonly session: number;
  /** How far the head has confirmed the own log (branch). */
  readonly acked: ChainPoint;
  readonly safeSeq: number;
  /** How far the feed is applied (branch). */
  readonly feed: FeedCursor;
  /** The feed's life, from 1: a new one after every proven restore (head). */
  readonly feedEpoch: number;
  /** Where each later life of the feed forked off, oldest first; small, kept as JSON (head). */
  readonly feedForks: readonly FeedFork[];
}

export interface FeedFork {
  readonly feedEpoch: number;
  /** Every branch resumes the feed no later than here when it enters this life. */
  readonly position: number;
}

/** A branch as the head knows it. */
export interface OfficeRow {
  readonly office: OfficeId;
  readonly name: string;
  readonly status: 'active' | 'retired';
  readonly subscribe: Subscription;
  /** How far this office's log is committed here. */
  readonly cursor: ChainPoint;
  /** Highest epoch ever granted. */
  readonly grantedEpoch: number;
  /** Highest session ever granted, and whether that session was heard from since. */
  readonly session: number;
  readonly sessionConfirmed: boolean;
  /** The process that holds the session, and until when it counts as alive (ms since 1970). */
  readonly instance: string;
  readonly leaseUntilMs: number;
  readonly lastContactAtMs: number;
  readonly safeSeq: number;
  readonly addedAtMs: number;
  /** At a branch, in the row of the head's own: what the head keeps of this branch and does not apply. */
  readonly quarantined: QuarantineReport;
  /** At the head: what the branch said last of the datasets that it has. */
  readonly datasets: KnownDatasets;
}

export type EventStatus = 'applied' | 'parked' | 'quarantined' | 'discarded';

export interface EventRow extends LoggedEvent {
  readonly position: number;
  readonly status: EventStatus;
}

/** What the row of a valid event says of it beside its bytes, from which nothing is read here. */
export interface KeptEvent extends Dot, EntityKey {
  /** Whether its author is its scope. */
  readonly byOwner: boolean;
  /** Of the bytes. */
  readonly size: number;
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Why an event waits. Only its entity waits with it. */
export interface WaitingRow extends EntityKey {
  readonly position: number;
  /** Who wrote it. */
  readonly office: OfficeId;
  readonly status: 'parked' | 'quarantined';
  /** Stable: `cause-missing`, `version-unknown`, `not-allowed`, `unknown-dataset`, ... */
  readonly reason: string;
  readonly detail: string;
  readonly sinceMs: number;
}

export interface EntityWrite {
  readonly state: EntityState;
  /** null when the dataset has no table (system datasets). */
  readonly row: DatasetRow | null;
  /** Whether the entity is new to this database (insert) or known (update). */
  readonly isNew: boolean;
}

export const DIGEST_BUCKETS = 16;

/** Sums modulo 2^256 of event hashes and of state hashes, 32 bytes big-endian; commutative and incremental. */
export interface DigestRow {
  readonly dataset: string;
  readonly scope: string;
  /** 0 to DIGEST_BUCKETS - 1, by entity id. */
  readonly bucket: number;
  /** Number of events. */
  readonly count: number;
  readonly events: Uint8Array;
  readonly state: Uint8Array;
}

export interface StoreTx extends StoreReader {
  /** Locks the log's row first of all; every append and apply begins with it (after `lockOffices`, if any). */
  lockLog(): Promise<LogRow>;
  saveLog(row: LogRow): Promise<void>;
  /** Locks in id order; unknown ids are left out. Before `lockLog`. */
  lockOffices(offices: readonly OfficeId[]): Promise<OfficeRow[]>;
  /** Insert or replace. */
  saveOffices(rows: readonly OfficeRow[]): Promise<void>;
  /** @throws DomainError `disk-full`: own events need the whole reserve of the disk to be free, others half of it */
  insertEvents(rows: readonly EventRow[]): Promise<void>;
  /** Where that makes an event count, or stop counting, the store notes it: see domain/projections/moment.ts. */
  setEventStatus(positions: readonly number[], status: EventStatus): Promise<void>;
  /**
   * Takes the own events after `seq` out of the valid log and keeps them, marked displaced, at their positions;
   * their waiting rows go. Displaced events are in no other answer but `displaced`. Those that counted are noted as late.
   */
  displaceAfter(office: OfficeId, seq: number): Promise<void>;
  /** States for these keys, locked for update in key order; unknown ones are left out. */
  lockEntities(keys: readonly EntityKey[]): Promise<EntityState[]>;
  saveEntities(writes: readonly EntityWrite[]): Promise<void>;
  /** Removes the state and the row: the entity has no applied event left. */
  removeEntities(keys: readonly EntityKey[]): Promise<void>;
  insertWaiting(rows: readonly WaitingRow[]): Promise<void>;
  removeWaiting(positions: readonly number[]): Promise<void>;
  saveCases(cases: readonly ConflictCase[]): Promise<void>;
  /** Insert or replace by (dataset, scope, bucket). */
  saveDigests(rows: readonly DigestRow[]): Promise<void>;
}

/** Text compares bytewise, trailing blanks significant, on every database. Lists are in ascending order. */
export interface StoreReader {
  logRow(): Promise<LogRow>;
  offices(): Promise<OfficeRow[]>;
  office(office: OfficeId): Promise<OfficeRow | null>;
  /** Valid own or foreign events by author, `seq > after`, in seq order; limited by count and (softly) by bytes. */
  eventsBySeq(office: OfficeId, after: number, limit: { count: number; bytes: number }): Promise<EventRow[]>;
  /** The same, as their rows have them. */
  keptBySeq(office: OfficeId, after: number, limit: { count: number; bytes: number }): Promise<KeptEvent[]>;
  /** Events by position, `position > after`, as `GET /api/events` and the head's feeder read them. */
  eventsByPosition(
    after: number,
    limit: { count: number; bytes: number },
    only?: FeedFilter,
  ): Promise<EventRow[]>;
  /** Last position matching the filter, at or before `upTo` when given; 0 when there is none. */
  lastPosition(only: FeedFilter, upTo?: number): Promise<number>;
  eventAt(position: number): Promise<EventRow | null>;
  /** Of these positions, the events that are held. */
  eventsAt(positions: readonly number[]): Promise<EventRow[]>;
  /** Chain point at a seq of an office's valid log (highest epoch at that seq); null when it is not held. */
  pointAt(office: OfficeId, seq: number): Promise<ChainPoint | null>;
  /** Of these dots, the events that are held. */
  eventsByDots(dots: readonly Dot[]): Promise<EventRow[]>;
  /** Own events with a derived id (`isKeyed`) of any of these names (`idempotencyName`). */
  ownKeyed(names: readonly string[]): Promise<EventRow[]>;
  /** All valid events of an entity in order of position, waiting ones included. */
  eventsOfEntity(key: EntityKey): Promise<EventRow[]>;
  /** The same of many entities, all in order of position. */
  eventsOfEntities(keys: readonly EntityKey[]): Promise<EventRow[]>;
  /**
   * Samples of an office's valid events held here, newest first: the one at the highest position, then (by seq, in
   * doubling steps back: highest seq - 1, - 2, - 4, ...) older ones, the very first included. At most `limit`.
   */
  tipsOf(office: OfficeId, limit: number): Promise<EventRow[]>;
  /** The newest valid event held of each of an office's latest lives, latest life first. */
  newestOfLives(office: OfficeId, limit: number): Promise<EventRow[]>;
  displaced(): Promise<EventRow[]>;
  waitingOf(keys: readonly EntityKey[]): Promise<WaitingRow[]>;
  waiting(after: number, limit: number, only?: WaitingFilter): Promise<WaitingRow[]>;
  countWaiting(only: WaitingFilter): Promise<number>;
  entity(key: EntityKey): Promise<EntityState | null>;
  rows(dataset: Dataset, query: RowQuery): Promise<DatasetRow[]>;
  /** All rows with this id, of any scope; at most a few. */
  rowsById(dataset: Dataset, entityId: string): Promise<DatasetRow[]>;
  countRows(dataset: Dataset, filter: RowFilter): Promise<number>;
  /** Exact sum of a decimal or integer field, canonical decimal string. */
  sumRows(dataset: Dataset, field: string, filter: RowFilter): Promise<string>;
  openCases(keys: readonly EntityKey[]): Promise<ConflictCase[]>;
  /** Those that there are, in no certain order. */
  casesById(ids: readonly string[]): Promise<ConflictCase[]>;
  case(id: string): Promise<ConflictCase | null>;
  cases(query: CaseQuery): Promise<ConflictCase[]>;
  countCases(query: Omit<CaseQuery, 'after' | 'limit'>): Promise<number>;
  digests(dataset: string, scope: string): Promise<DigestRow[]>;
  /** The same of many scopes, in no certain order. */
  digestsOf(scopes: readonly { readonly dataset: string; readonly scope: string }[]): Promise<DigestRow[]>;
}

/** For reads that must have everything at once. */
export const NO_LIMIT = { count: 2 ** 31 - 1, bytes: Number.MAX_SAFE_INTEGER } as const;

export interface FeedFilter {
  readonly author?: OfficeId;
  readonly notAuthor?: OfficeId;
  /** Any of these scopes. */
  readonly scopes?: readonly string[];
}

export interface WaitingFilter {
  readonly status?: WaitingRow['status'];
  readonly office?: OfficeId;
}

export interface RowFilter {
  readonly scope?: string;
  readonly deleted: 'without' | 'only' | 'with';
  readonly conflicted?: boolean;
  /** Field equals value. */
  readonly equals?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface RowQuery extends RowFilter {
  /** (scope, entityId) of the last row of the page before; rows are in that order. */
  readonly after?: { readonly scope: string; readonly entityId: string };
  readonly limit: number;
}

export interface CaseQuery {
  readonly status?: 'open' | 'settled';
  readonly scope?: string;
  readonly dataset?: string;
  /** Instants (ISO 8601, UTC, milliseconds). */
  readonly openedSince?: string;
  readonly openedBefore?: string;
  /** At least so much, a decimal from zero up. */
  readonly atStake?: string;
  /** Id of the last case of the page before; cases are in order of id. */
  readonly after?: string;
  readonly limit: number;
}
