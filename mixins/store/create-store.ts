import type { Dataset } from '../../domain/datasets/dataset.ts';
import { type DatabaseAddress, parseDatabaseUrl } from './database-url.ts';
import { databaseOf } from './database-of.ts';
import { type DatasetTable, datasetTable } from './datasets/dataset-table.ts';
import { Occupancy } from './occupancy.ts';
import { OrdinaryReads } from './orm/ordinary-reads.ts';
import { StoreOrm } from './orm/orm.ts';
import type { DatasetTables } from './rows/entity-rows.ts';
import { type FailPoint, runTransaction, seenByCaller, type TransactionRunner } from './run-transaction.ts';
import { assertFits, type Owner, prepareSchema } from './schema.ts';
import { Slots } from './slots.ts';
import type { Database, Sql } from './sql.ts';
import type { Alone, LogRow, OpenOptions, Store, StoreReader, StoreTx } from './store.ts';
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
  #occupancy: Occupancy | null = null;

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

  async open({ prepare = 'make', alone }: OpenOptions = {}): Promise<void> {
    const { database, shown } = this.#runner;
    const tables = [...this.#tables.values()];
    try {
      await database.open();
      await this.#orm.init(this.#address.databaseName);
      await assertFits(this.#sql, this.#owner, { prepare, shown, tables });
      if (alone !== undefined) await this.#occupy(alone);
      if (prepare !== 'nothing') await database.exclusive((sql) => this.#prepare(sql, tables));
      this.#orm.use(this.#sql);
      await this.#occupancy?.sign();
    } catch (error) {
      await this.close();
      throw seenByCaller(this.#runner, error);
    }
  }

  async #prepare(sql: Sql, tables: readonly DatasetTable[]): Promise<void> {
    this.#orm.use(sql);
    await prepareSchema(sql, this.#orm, this.#owner, tables);
  }

  async #occupy(alone: Alone): Promise<void> {
    this.#occupancy = new Occupancy(this.#runner, this.#sql, alone);
    await this.#occupancy.take();
  }

  async close(): Promise<void> {
    await this.#occupancy?.release();
    this.#occupancy = null;
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
