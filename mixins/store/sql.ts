import type { Table } from './table.ts';

/** What can be bound to a placeholder. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;
export type SqlRow = Readonly<Record<string, unknown>>;

export type Family = 'sqlite' | 'postgresql' | 'mariadb' | 'mysql';

/** Finds rows by the values of some columns, for many keys at once. */
export interface Lookup {
  readonly table: string;
  /** Columns to read, as SQL. */
  readonly select: string;
  /** Names and kinds of the columns that a key gives values for, in order. */
  readonly key: readonly { readonly name: string; readonly kind: 'integer' | 'text' | 'date' }[];
  /** `for update`, in the order of the key's columns. */
  readonly lock?: boolean;
}

/**
 * One way to ask a database: either any connection, each statement by itself, or the one connection of a
 * transaction. Values are always bound, never part of the text. Statements are written once for every family:
 * `?` for values, double quotes around names.
 */
export interface Sql {
  readonly family: Family;
  all(text: string, values?: readonly SqlValue[]): Promise<SqlRow[]>;
  /** For statements without an answer. */
  run(text: string, values?: readonly SqlValue[]): Promise<void>;
  insert(table: Table, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** Insert or replace by the table's key; no key twice in one call. */
  upsert(table: Table, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  /** Found rows in no certain order; no key twice in one call. */
  find(lookup: Lookup, keys: readonly (readonly SqlValue[])[]): Promise<SqlRow[]>;
  /** Deletes or updates by key: `text` ends where the condition on `key` begins. */
  runByKey(text: string, key: Lookup['key'], keys: readonly (readonly SqlValue[])[]): Promise<void>;
  /** A text of another maker, values in it: migrations and MikroORM's queries. Not cached. */
  script(text: string): Promise<{ rows: SqlRow[]; changed: number }>;
}

/** A transaction under way, on one connection. */
export interface DatabaseTransaction {
  readonly sql: Sql;
  /** Throws when the connection is known to be broken: a commit would not even be sent. */
  assertConnected(): void;
  /** Sends COMMIT. `sent` runs when it has gone out and the answer is not there yet. */
  commit(sent?: () => void | Promise<void>): Promise<void>;
  /** Never throws: a connection that cannot roll back is thrown away, which rolls back. */
  rollback(): Promise<void>;
  /** Breaks the connection: for tests of broken connections. */
  sever(): void;
}

/** The right of one process to a database: see `Occupancy`. */
export interface Hold {
  /** Resolves when it is lost, or given back. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/** A database of one family: its connections and their settings. */
export interface Database {
  readonly family: Family;
  /** Each statement by itself, on any connection; does not see what a transaction has not committed. */
  readonly read: Sql;
  open(): Promise<void>;
  close(): Promise<void>;
  /** Waits for a free connection. */
  begin(): Promise<DatabaseTransaction>;
  /** One process at a time: for changes to the schema. Rolled back on failure where the family can. */
  exclusive<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Takes the database for this process, until it is released or the process ends; null when another one has it. */
  hold(): Promise<Hold | null>;
  /** What weakens the promise that a committed transaction survives a power cut. */
  durability(): Promise<string[]>;
}
