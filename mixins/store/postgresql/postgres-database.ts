import type { Socket } from 'node:net';
import pg from 'pg';
import type { Database, DatabaseTransaction, Hold, Sql } from '../sql.ts';
import { holdPostgres } from './postgres-hold.ts';
import { type Ask, PostgresSql } from './postgres-sql.ts';
import { parsers } from './postgres-types.ts';

const CONNECT_TIMEOUT_MS = 15_000;
const STATEMENT_TIMEOUT_MS = 60_000;
/** For a server that does not answer at all: a little more than what it allows itself. */
const ANSWER_TIMEOUT_MS = 75_000;
/** An index over a large log takes as long as it takes. */
const SCHEMA_TIMEOUT_MS = 6 * 60 * 60 * 1000;
const LOCK_TIMEOUT_MS = 15_000;
/** A process that stops inside a transaction holds the log's lock: the server ends it. */
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;

/** What every connection is told first, so that nothing depends on how the server or the role is set up. */
const SESSION = [
  `set time zone 'UTC'`,
  `set datestyle = 'ISO, YMD'`,
  `set bytea_output = 'hex'`,
  'set standard_conforming_strings = on',
  `set default_transaction_isolation = 'read committed'`,
  'set default_transaction_read_only = off',
  `set statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
  `set lock_timeout = ${LOCK_TIMEOUT_MS}`,
  `set idle_in_transaction_session_timeout = ${IDLE_TRANSACTION_TIMEOUT_MS}`,
  // Plans made for an empty table would be kept when it has millions of rows.
  `set plan_cache_mode = 'force_custom_plan'`,
  // What we look up by key is mostly in memory; at the default of 4 a batch of keys is answered by reading the table.
  'set random_page_cost = 1.1',
  // Every join here looks up keys; a table that is still small would be read whole to do so.
  'set enable_hashjoin = off',
  'set enable_mergejoin = off',
  `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local')`,
].join(';');

const SCHEMA_LOCK = `select pg_advisory_xact_lock(hashtext('branchline schema'))`;
const UNHURRIED = `set local statement_timeout = 0; set local lock_timeout = ${STATEMENT_TIMEOUT_MS}`;

async function settle(client: pg.ClientBase): Promise<void> {
  await client.query(SESSION);
}

export class PostgresDatabase implements Database {
  readonly family = 'postgresql';
  readonly #url: string;
  readonly #poolSize: number;
  #pool: pg.Pool | null = null;

  constructor(url: string, poolSize: number) {
    this.#url = url;
    this.#poolSize = poolSize;
  }

  readonly read: Sql = new PostgresSql((query) => this.#opened().query(query));

  async open(): Promise<void> {
    this.#pool = new pg.Pool({
      connectionString: this.#url,
      application_name: 'branchline',
      max: this.#poolSize,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      pipeline: true, // statements of one transaction that do not wait for each other cost one round trip
      types: parsers,
      onConnect: settle as (client: pg.ClientBase) => void, // which the pool awaits
    });
    // A connection that breaks while it lies idle has left the pool already; without a listener it ends the process.
    this.#pool.on('error', () => {});
    await this.read.script('select 1');
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    await pool?.end();
  }

  async begin(): Promise<PostgresTransaction> {
    const transaction = new PostgresTransaction(await this.#opened().connect());
    await transaction.begin();
    return transaction;
  }

  async exclusive<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const transaction = await this.begin();
    try {
      await transaction.sql.script(UNHURRIED);
      await transaction.sql.script(SCHEMA_LOCK);
      transaction.waitFor(SCHEMA_TIMEOUT_MS);
      const result = await work(transaction.sql);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  hold(): Promise<Hold | null> {
    return holdPostgres(this.#url);
  }

  async durability(): Promise<string[]> {
    const settings = ['fsync', 'full_page_writes', 'synchronous_commit'];
    const names = settings.map((name) => `current_setting('${name}') as ${name}`);
    const { rows } = await this.read.script(`select ${names.join(', ')}`);
    return settings
      .filter((name) => rows[0]?.[name] === 'off')
      .map((name) => `${name} is off on this server`);
  }

  #opened(): pg.Pool {
    if (this.#pool === null) throw new Error('The store is not open');
    return this.#pool;
  }
}

class PostgresTransaction implements DatabaseTransaction {
  readonly sql: Sql;
  readonly #client: pg.PoolClient;
  readonly #ask: Ask;
  #isBroken = false;
  #isReleased = false;
  #timeoutMs: number | null = null;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    // Without a listener an error between two statements ends the process; the next statement reports it.
    client.on('error', this.#broke);
    this.#ask = (query) => this.#send(query);
    this.sql = new PostgresSql(this.#ask);
  }

  readonly #broke = (): void => {
    this.#isBroken = true;
  };

  async begin(): Promise<void> {
    try {
      await this.#ask({ text: 'begin' });
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  assertConnected(): void {
    if (this.#isBroken || this.#stream().destroyed) throw new Error('Connection terminated unexpectedly');
  }

  /** From here on an answer may take so long. */
  waitFor(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
  }

  async commit(sent?: () => void | Promise<void>): Promise<void> {
    const answer = this.#ask({ text: 'commit' });
    answer.catch(() => {}); // seen below; `sent` may take its time
    await sent?.();
    const { command } = await answer;
    // The server's way of saying that a statement failed and there is nothing to commit.
    if (command !== 'COMMIT') throw new Error(`commit was answered by ${command}`);
    this.#release();
  }

  async rollback(): Promise<void> {
    if (this.#isReleased) return;
    try {
      if (!this.#isBroken) await this.#ask({ text: 'rollback' });
    } catch {
      this.#isBroken = true;
    }
    this.#release();
  }

  sever(): void {
    this.#stream().destroy();
  }

  #stream(): Socket {
    return (this.#client as unknown as { connection: { stream: Socket } }).connection.stream;
  }

  async #send(query: pg.QueryConfig): ReturnType<Ask> {
    const asked = this.#timeoutMs === null ? query : { ...query, query_timeout: this.#timeoutMs };
    try {
      return await this.#client.query(asked);
    } catch (error) {
      // Only what the server itself says leaves the connection usable.
      if (!(error instanceof pg.DatabaseError) || error.severity !== 'ERROR') this.#isBroken = true;
      throw error;
    }
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#client.release(this.#isBroken);
    this.#client.off('error', this.#broke);
  }
}
