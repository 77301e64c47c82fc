import type { Dataset, DatasetRow } from '../../../domain/datasets/dataset.ts';
import type { EntityKey } from '../../../domain/event.ts';
import type { Moment } from '../../../domain/projections/moment.ts';
import type { Projection, ProjectionLine } from '../../../domain/projections/projection.ts';
import type { FoldFailure, LineChange } from '../../../domain/projections/sums.ts';
import type { EntityWrite, RowQuery } from '../store.ts';
import type { EntityHistory, EntityPage, Followed } from './known-events.ts';

/** A table that somebody asked for: the row that says how far it is, who works on it, and what else is being done. */
export interface ProjectionRow {
  /** Also its table's. */
  readonly name: string;
  /** The declaration behind it: a projection's, or a dataset's. */
  readonly base: string;
  /** `dataset`: written with the log itself. `as-of`: stays as it was at one moment. */
  readonly kind: 'projection' | 'dataset' | 'as-of';
  readonly version: number;
  /** `making`: not there yet. `damaged`: does not follow until it is rebuilt. `dropped`: gone until it is rebuilt. */
  readonly state: 'live' | 'making' | 'damaged' | 'dropped';
  /** How far it has followed. */
  readonly checkpoint: Moment;
  /** The process that works on it, the number of its turn, and until when it counts as alive. */
  readonly holder: string;
  readonly token: number;
  readonly leaseUntilMs: number;
  /** Entities that it cannot enter. */
  readonly failures: number;
  readonly updatedAtMs: number;
  /** What is being done with it, or was done last. */
  readonly job: Job | null;
}

export interface Job {
  /** `follow`: nobody asked for it; it is noted when it failed. */
  readonly kind: 'rebuild' | 'verify' | 'as-of' | 'follow';
  /** Of the declaration with which it is folded: no program with another one goes on with it. */
  readonly version: number;
  /** `clearing`: its end is known, and the table that it made goes first. */
  readonly phase: 'filling' | 'following' | 'swapping' | 'clearing' | 'done' | 'failed' | 'cancelled';
  /** Of which everything is filled in. */
  readonly moment: Moment;
  /** Leaves out what was written later: hybrid time. */
  readonly until: string | null;
  /** The last entity filled in; '' and '' before the first. */
  readonly scope: string;
  readonly entityId: string;
  /** How far the new table has followed. */
  readonly at: Moment;
  readonly failures: number;
  readonly eventsDone: number;
  readonly eventsTotal: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** Share of the time that it may work. */
  readonly maxLoad: number;
  readonly isCancelled: boolean;
  /** Who reads the old table for long holds up the exchange: it gives way, and is tried again. */
  readonly waitsFor?: 'readers' | null;
  /** Why it failed. */
  readonly problem: ProblemOfJob | null;
  /** Of a verification that found one. */
  readonly difference: Difference | null;
}

export interface ProblemOfJob {
  /** Stable. */
  readonly type: string;
  readonly detail: string;
}

/** The first line, or entity, that differs. */
export interface Difference {
  readonly key: Readonly<Record<string, string>>;
  /** null: it is not there. */
  readonly table: object | null;
  readonly expected: object | null;
}

/** Where lines or rows are written: a declaration under some table name. */
export type Target =
  | { readonly kind: 'lines'; readonly projection: Projection; readonly table: string }
  | { readonly kind: 'rows'; readonly dataset: Dataset; readonly table: string };

/** What projections ask of their database. Reads are one consistent statement each, or safe in their order. */
export interface ProjectionStore {
  present(): Promise<Moment>;
  /** What was known when the log stood there. */
  at(position: number): Promise<Moment>;
  next(from: Moment, limit: number): Promise<Moment>;
  follow(dataset: string, from: Moment, to: Moment): Promise<Followed>;
  histories(keys: readonly EntityKey[], from: Moment): Promise<EntityHistory[]>;
  scopes(dataset: string): Promise<string[]>;
  page(of: PageOf, after: string, moment: Moment, limit: number): Promise<EntityPage>;
  rows(): Promise<ProjectionRow[]>;
  row(name: string): Promise<ProjectionRow | null>;
  /** Of these entities, those that are set aside. */
  failing(projection: string, keys: readonly EntityKey[]): Promise<EntityKey[]>;
  failures(projection: string, limit: number): Promise<FoldFailure[]>;
  /** In key order, behind `after`. */
  lines(target: LinesTarget, after: readonly string[] | null, limit: number): Promise<ProjectionLine[]>;
  /** Those that have rows, whether or not there are events of them. */
  storedScopes(target: RowsTarget): Promise<string[]>;
  /** What is stored of an entity; null when it is not there. */
  storedEntity(target: RowsTarget, key: EntityKey): Promise<StoredEntity | null>;
  /** The first `limit` in order of entity id, behind `after` and not behind `upTo`. */
  storedEntities(target: RowsTarget, scope: string, range: StoredRange): Promise<StoredEntity[]>;
  /** Rows of a dataset under another table name, as `StoreReader.rows`. */
  rowsOf(target: RowsTarget, query: RowQuery): Promise<DatasetRow[]>;
  /** Nobody writes events while `work` reads. */
  withLog<T>(work: () => Promise<T>): Promise<T>;
  /** As `Store.transaction`. */
  transaction<T>(work: (tx: ProjectionTx) => Promise<T>): Promise<T>;
  /**
   * Puts the table `from` in the place of the target's; what was there stands as `away`, or is gone when there was none.
   * false: others were in the way, and nothing was exchanged. On SQLite and PostgreSQL all of it is one transaction. On
   * MySQL and MariaDB `before` is one of its own, and `hold` and `after` belong to another one, which is open while the
   * tables are exchanged, one step in itself: who is killed in between leaves `before` written, with or without it.
   */
  swap(target: Target, names: SwapNames, steps: SwapSteps): Promise<boolean>;
  /** Asked before much work is done for nothing. @throws DomainError `projection-in-use`, as the swap would */
  assertReplaceable(target: Target): Promise<void>;
  /**
   * For work that takes a row and makes or drops tables while it holds it. On SQLite and PostgreSQL it is one transaction;
   * on MySQL and MariaDB the tables change at once, whatever becomes of the transaction.
   * @throws DomainError `busy` when others are in the way
   */
  changeTables<T>(work: (tx: ProjectionTx, tables: Tables) => Promise<T>): Promise<T>;
  /** Takes the rows out little by little where to drop a large table would hold others up. It need not be there. */
  sweep(table: string): Promise<void>;
  /** Swept before; for one that nobody may need. @throws DomainError `busy` when others are in the way */
  dropTable(table: string): Promise<void>;
  hasTable(table: string): Promise<boolean>;
  /** Whether a dataset's table has grown since the one was made that is to take its place: it has less room. */
  isOutgrown(table: string, fresh: string): Promise<boolean>;
}

export interface Tables {
  /** Unless it is there. */
  make(target: Target): Promise<void>;
  /** If it is there. */
  drop(table: string): Promise<void>;
  /** In one step: whoever else would rename or drop it, late, does so before, or finds none. false: it is not there. */
  rename(table: string, to: string): Promise<boolean>;
}

/** A row, and what the database's clock showed when it was taken. */
export type LockedRow = ProjectionRow & { readonly nowMs: number };

export interface SwapNames {
  readonly from: string;
  readonly away: string;
}

export interface SwapSteps {
  /** Nobody writes events meanwhile. */
  readonly locksLog: boolean;
  before(tx: ProjectionTx): Promise<void>;
  /** Takes the row until `after` is committed, where `before` has let it go. */
  hold(tx: ProjectionTx): Promise<void>;
  after(tx: ProjectionTx): Promise<void>;
  /** Instead of `after`, when others were in the way. */
  gaveWay(tx: ProjectionTx): Promise<void>;
}

/** An entity as its dataset's table has it. */
export interface StoredEntity {
  readonly row: DatasetRow;
  /** As text, see `encodeState`. */
  readonly state: string;
}

export interface StoredRange {
  readonly after: string;
  readonly upTo: string | null;
  readonly limit: number;
}

export type LinesTarget = Extract<Target, { kind: 'lines' }>;
export type RowsTarget = Extract<Target, { kind: 'rows' }>;
export interface PageOf {
  readonly dataset: string;
  readonly scope: string;
}

export interface ProjectionTx {
  /** Before all else: nobody writes events until the commit. */
  lockLog(): Promise<void>;
  /** Before all but the log; null when there is none. */
  lockRow(name: string): Promise<LockedRow | null>;
  /** Fails when there is one of the name. */
  insertRow(row: ProjectionRow): Promise<void>;
  saveRow(row: ProjectionRow): Promise<void>;
  removeRow(name: string): Promise<void>;
  addToLines(target: LinesTarget, changes: readonly LineChange[]): Promise<void>;
  putEntities(target: RowsTarget, writes: readonly EntityWrite[]): Promise<void>;
  removeEntities(target: RowsTarget, keys: readonly EntityKey[]): Promise<void>;
  saveFailures(projection: string, failures: readonly FoldFailure[], nowMs: number): Promise<void>;
  removeFailures(projection: string, keys: readonly EntityKey[]): Promise<void>;
  /** All of them. */
  clearFailures(projection: string): Promise<void>;
  /** What was set aside under one name is set aside under another. */
  renameFailures(from: string, to: string): Promise<void>;
  lines(target: LinesTarget, after: readonly string[] | null, limit: number): Promise<ProjectionLine[]>;
}
