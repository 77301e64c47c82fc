import { dirname } from 'node:path';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { errorType, isTransient } from '../../domain/errors.ts';
import { type DatabaseAddress, parseDatabaseUrl } from './database-url.ts';
import { databaseOf } from './database-of.ts';
import { type DatasetTable, datasetTable } from './datasets/dataset-table.ts';
import { evolveTable, lacks } from './datasets/evolve-table.ts';
import { DiskRoom } from './disk-room.ts';
import { Occupancy } from './occupancy.ts';
import { OrdinaryReads } from './orm/ordinary-reads.ts';
import { StoreOrm } from './orm/orm.ts';
import type { ProjectionStore } from './projections/projection-store.ts';
import { sqlProjectionStore } from './projections/sql-projection-store.ts';
import { type FailPoint, runTransaction, seenByCaller, type TransactionRunner } from './run-transaction.ts';
import { assertFits, databaseOutdated, type Owner, prepareSchema } from './schema.ts';
import { Slots } from './slots.ts';
import type { Database, Sql } from './sql.ts';
import type { Alone, EventRow, LogRow, NotYet, OpenOptions, Store, StoreReader, StoreTx } from './store.ts';
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
  /** Of the disk of a SQLite file, kept free of new events; none unless told. See `DiskRoom`. */
  readonly reserveBytes?: number;
  /** Told when nothing more can be appended for want of room, and with null when there is room again. */
  readonly onRoom?: (problem: string | null) => void;
  /** For tests: a chance to break a transaction. */
  readonly failPoint?: FailPoint;
}

/** A store in a real database: what is folded from its log beside the log's own tables is kept there, too. */
export interface DatabaseStore extends Store {
  readonly projections: ProjectionStore;
}

/** @throws DomainError `invalid-database-url`, `invalid-dataset`; all else is found out by `open` */
export function createStore(options: StoreOptions): DatabaseStore {
  const address = parseDatabaseUrl(options.url);
  const poolSize = Math.max(2, options.poolSize ?? 8);
  const { database, diagnose } = databaseOf(address, poolSize);
  const slots = new Slots(Math.floor(poolSize / 2));
  const runner = { database, diagnose, shown: address.shown, failPoint: options.failPoint ?? null, slots };
  const tables = new Map(options.datasets.map((dataset) => [dataset.name, datasetTable(dataset)]));
  return new SqlStore(runner, address, options, tables);
}

/** Whoever starts may wait, and copy what has to be copied. */
const AT_THE_START = { patienceMs: 60_000, isIdle: true };
/** Sales wait for it the first time; it is tried again without them. */
const BESIDE_SALES = { patienceMs: 300, isIdle: false };

class SqlStore implements DatabaseStore {
  readonly family: Database['family'];
  readonly read: StoreReader;
  readonly projections: ProjectionStore;
  readonly #runner: TransactionRunner;
  readonly #address: DatabaseAddress;
  readonly #owner: Owner;
  /** Of whatever shape they have now: whoever writes or reads asks again. */
  readonly #tables: Map<string, DatasetTable>;
  readonly #orm: StoreOrm;
  readonly #room: DiskRoom;
  readonly #sql: Sql;
  #occupancy: Occupancy | null = null;
  #prepares = true;

  constructor(
    runner: TransactionRunner,
    address: DatabaseAddress,
    owner: StoreOptions,
    tables: Map<string, DatasetTable>,
  ) {
    this.family = address.family;
    this.#runner = runner;
    this.#address = address;
    this.#owner = owner;
    this.#tables = tables;
    this.#orm = new StoreOrm(address.family);
    this.#room = roomOf(address, owner);
    this.#sql = retryingSql(runner);
    this.read = storeReader(this.#sql, this.#ordinary(null), tables);
    this.projections = sqlProjectionStore(runner, this.#sql);
  }

  async open({ prepare = 'make', alone }: OpenOptions = {}): Promise<void> {
    const { database, shown } = this.#runner;
    this.#prepares = prepare !== 'nothing';
    const tables = [...this.#tables.values()];
    try {
      await database.open();
      await this.#orm.init(this.#address.databaseName);
      await assertFits(this.#sql, this.#owner, { prepare, shown, tables });
      if (alone !== undefined) await this.#occupy(alone);
      if (this.#prepares) await database.exclusive((sql) => this.#prepare(sql));
      this.#orm.use(this.#sql);
      if (this.#prepares) for (const table of tables) await evolveTable(this.#runner, table, AT_THE_START);
      await this.#occupancy?.sign();
    } catch (error) {
      await this.close();
      throw seenByCaller(this.#runner, error);
    }
  }

  async #prepare(sql: Sql): Promise<void> {
    this.#orm.use(sql);
    await prepareSchema(sql, this.#orm, this.#owner);
  }

  /** One after the other: each may have to wait for the log. */
  async prepareTables(datasets: readonly Dataset[]): Promise<readonly NotYet[]> {
    const notYet: NotYet[] = [];
    for (const dataset of datasets) {
      try {
        await this.#prepareTable(datasetTable(dataset));
      } catch (error) {
        if (isTransient(error) && errorType(error) !== 'busy') throw error;
        notYet.push({
          dataset: dataset.name,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
    return notYet;
  }

  async #prepareTable(table: DatasetTable): Promise<void> {
    if (this.#prepares) return evolveTable(this.#runner, table, BESIDE_SALES);
    if (await lacks(this.#sql, table)) throw databaseOutdated(this.#runner.shown);
  }

  async #occupy(alone: Alone): Promise<void> {
    this.#occupancy = new Occupancy(this.#runner, this.#sql, alone);
    await this.#occupancy.take();
  }

  useTables(datasets: readonly Dataset[]): void {
    this.#tables.clear();
    for (const dataset of datasets) this.#tables.set(dataset.name, datasetTable(dataset));
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

  problem(): string | null {
    return this.#room.problem();
  }

  async transaction<T>(work: (tx: StoreTx) => Promise<T>): Promise<T> {
    let isGrown = false;
    const assertRoom = (rows: readonly EventRow[]): void => {
      isGrown = true;
      this.#room.assertFor(rows);
    };
    try {
      const kept = { owner: this.#owner.office, tables: this.#tables };
      const result = await runTransaction(this.#runner, async (sql) => {
        const { tx, finish } = storeTx(sql, this.#ordinary(sql), kept, assertRoom);
        const done = await work(tx);
        await finish();
        return done;
      });
      if (isGrown) this.#room.served();
      return result;
    } catch (error) {
      if (errorType(error) === 'disk-full') this.#room.refused((error as Error).message);
      throw error;
    }
  }

  #ordinary(transaction: Sql | null): OrdinaryReads {
    return new OrdinaryReads(this.#orm.entities, () => this.#orm.entityManager(transaction));
  }
}

function roomOf({ family, target, shown }: DatabaseAddress, options: StoreOptions): DiskRoom {
  const { office, reserveBytes = 0, onRoom: onChange = () => {} } = options;
  const folder = family === 'sqlite' ? dirname(target) : null;
  return new DiskRoom({ office, shown, folder, reserveBytes, onChange });
}
