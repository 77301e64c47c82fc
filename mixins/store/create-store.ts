import type { Dataset } from '../../domain/datasets/dataset.ts';
import { type DatabaseAddress, parseDatabaseUrl } from './database-url.ts';
import { databaseOf } from './database-of.ts';
import { datasetTable } from './datasets/dataset-table.ts';
import { OrdinaryReads } from './orm/ordinary-reads.ts';
import { StoreOrm } from './orm/orm.ts';
import type { DatasetTables } from './rows/entity-rows.ts';
import { type FailPoint, runTransaction, seenByCaller, type TransactionRunner } from './run-transaction.ts';
import { type Owner, prepareSchema } from './schema.ts';
import { Slots } from './slots.ts';
import type { Database, Sql } from './sql.ts';
import type { LogRow, Store, StoreReader, StoreTx } from './store.ts';
import { storeReader } from './store-reader.ts';
import { storeTx } from './store-tx.ts';
import { retryingSql } from './retrying-sql.ts';

export interface StoreOptions {
  /** `sqlite:PATH`, `postgresql://`, `mariadb://` or `mysql://`: DATABASE_URL. */
  readonly url: string;
  readonly office: string;
  readonly role: LogRow['role'];
  /** Those with a table. Entities of other datasets are kept, too, but only their state. */
  readonly datasets: readonly Dataset[];
  /** Most connections to a server at a time, half of them for transactions; 8 unless told, 2 at least. */
  readonly poolSize?: number;
  /** For tests: a chance to break a transaction. */
  readonly failPoint?: FailPoint;
}

/** @throws DomainError `invalid-database-url`, `invalid-dataset`; all else is found out by `open` */
export function createStore(options: StoreOptions): Store {
  const address = parseDatabaseUrl(options.url);
  const poolSize = Math.max(2, options.poolSize ?? 8);
  const { database, diagnose } = databaseOf(address, poolSize);
  const slots = new Slots(Math.floor(poolSize / 2));
  const runner = { database, diagnose, shown: address.shown, failPoint: options.failPoint ?? null, slots };
  const tables = new Map(options.datasets.map((dataset) => [dataset.name, datasetTable(dataset)]));
  return new SqlStore(runner, address, options, tables);
}

class SqlStore implements Store {
  readonly family: Database['family'];
  readonly read: StoreReader;
  readonly #runner: TransactionRunner;
  readonly #address: DatabaseAddress;
  readonly #owner: Owner;
  readonly #tables: DatasetTables;
  readonly #orm: StoreOrm;
  readonly #sql: Sql;

  constructor(runner: TransactionRunner, address: DatabaseAddress, owner: Owner, tables: DatasetTables) {
    this.family = address.family;
    this.#runner = runner;
    this.#address = address;
    this.#owner = owner;
    this.#tables = tables;
    this.#orm = new StoreOrm(address.family);
    this.#sql = retryingSql(runner);
    this.read = storeReader(this.#sql, this.#ordinary(null), tables);
  }

  async open(): Promise<void> {
    try {
      await this.#runner.database.open();
      await this.#orm.init(this.#address.databaseName);
      await this.#runner.database.exclusive((sql) => this.#prepare(sql));
      this.#orm.use(this.#sql);
    } catch (error) {
      await this.close();
      throw seenByCaller(this.#runner, error);
    }
  }

  async #prepare(sql: Sql): Promise<void> {
    this.#orm.use(sql);
    await prepareSchema(sql, this.#orm, this.#owner, [...this.#tables.values()]);
  }

  async close(): Promise<void> {
    await this.#orm.close();
    await this.#runner.database.close();
  }

  async durability(): Promise<string[]> {
    try {
      return await this.#runner.database.durability();
    } catch (error) {
      throw seenByCaller(this.#runner, error);
    }
  }

  async transaction<T>(work: (tx: StoreTx) => Promise<T>): Promise<T> {
    return runTransaction(this.#runner, (sql) => work(storeTx(sql, this.#ordinary(sql), this.#tables)));
  }

  #ordinary(transaction: Sql | null): OrdinaryReads {
    return new OrdinaryReads(this.#orm.entities, () => this.#orm.entityManager(transaction));
  }
}
