import mysql from 'mysql2/promise';
import type { Database, DatabaseTransaction, Family, Hold, Sql } from '../sql.ts';
import { SCHEMA_TIMEOUT_MS } from './deadline.ts';
import { MysqlConnection } from './mysql-connection.ts';
import { holdMysql } from './mysql-hold.ts';
import { type Asked, MysqlSql } from './mysql-sql.ts';
import { MysqlTransaction } from './mysql-transaction.ts';

const CONNECT_TIMEOUT_MS = 15_000;
const LOCK_TIMEOUT_S = 15;
/** Servers keep a few ten thousand prepared statements for all clients together. */
const MOST_PREPARED = 256;

/**
 * What every connection is told first, so that nothing depends on how the server is set up. ANSI_QUOTES: names
 * stand in double quotes, as on every family. What only MariaDB knows stands in its own kind of comment.
 */
const SESSION = [
  `set session sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', ` +
    `session time_zone = '+00:00', session innodb_lock_wait_timeout = ${LOCK_TIMEOUT_S}, session autocommit = 1 ` +
    `/*M! , session max_statement_time = 60, session idle_transaction_timeout = 60 */`,
  'set session transaction isolation level read committed, read write',
];
const UNHURRIED = 'set session autocommit = 1 /*M! , session max_statement_time = 0 */';

export class MysqlDatabase implements Database {
  readonly family: Family;
  readonly read: Sql;
  readonly #url: string;
  readonly #poolSize: number;
  #pool: mysql.Pool | null = null;

  constructor(family: 'mariadb' | 'mysql', url: string, poolSize: number) {
    this.family = family;
    this.#url = url.replace(/^mariadb:/, 'mysql:');
    this.#poolSize = poolSize;
    this.read = new MysqlSql(family, {
      execute: (sql, values) => this.#onAny((connection) => connection.execute(sql, values)),
      query: (sql) => this.#onAny((connection) => connection.query(sql)),
    });
  }

  async open(): Promise<void> {
    this.#pool = mysql.createPool({
      uri: this.#url,
      connectionLimit: this.#poolSize,
      connectTimeout: CONNECT_TIMEOUT_MS,
      charset: 'utf8mb4',
      supportBigNumbers: true,
      dateStrings: true,
      timezone: 'Z',
      enableKeepAlive: true,
      maxPreparedStatements: MOST_PREPARED,
    });
    this.#pool.pool.on('connection', (connection) => prepareConnection(connection as CoreConnection));
    await this.read.script('select 1');
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    await pool?.end();
  }

  async begin(): Promise<DatabaseTransaction> {
    const transaction = new MysqlTransaction(this.family, await this.#borrow());
    await transaction.begin();
    return transaction;
  }

  /** Changes to the schema commit themselves here, so a lock by name takes the place of the transaction. */
  async exclusive<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const connection = await this.#borrow();
    try {
      const sql = new MysqlSql(this.family, connection);
      await sql.script(UNHURRIED);
      const [row] = await sql.all(`select get_lock(concat('branchline ', md5(database())), 60) as held`);
      if (Number(row?.['held']) !== 1) throw new Error('another process is changing the schema');
      connection.waitFor(SCHEMA_TIMEOUT_MS);
      return await work(sql);
    } finally {
      connection.giveBack(true); // lets go of the lock
    }
  }

  hold(): Promise<Hold | null> {
    return holdMysql(this.#url);
  }

  async durability(): Promise<string[]> {
    const [row] = await this.read.all(
      `select @@innodb_flush_log_at_trx_commit as flush, @@innodb_doublewrite as doublewrite, ` +
        `@@max_allowed_packet as packet, @@log_bin as binlog, @@sync_binlog as sync`,
    );
    const findings: string[] = [];
    if (Number(row?.['flush']) !== 1) findings.push('innodb_flush_log_at_trx_commit is not 1 on this server');
    if (/^(0|off)$/i.test(String(row?.['doublewrite'])))
      findings.push('innodb_doublewrite is off on this server');
    if (Number(row?.['binlog']) === 1 && Number(row?.['sync']) !== 1) {
      findings.push(
        'sync_binlog is not 1 on this server: a replica may know more than the server after a crash',
      );
    }
    if (Number(row?.['packet']) < 16 * 1024 * 1024)
      findings.push('max_allowed_packet is below 16 MiB on this server');
    return findings;
  }

  async #onAny<T>(ask: (connection: Asked) => Promise<T>): Promise<T> {
    const connection = await this.#borrow();
    try {
      return await ask(connection);
    } finally {
      connection.giveBack();
    }
  }

  async #borrow(): Promise<MysqlConnection> {
    return new MysqlConnection(await this.#opened().getConnection());
  }

  #opened(): mysql.Pool {
    if (this.#pool === null) throw new Error('The store is not open');
    return this.#pool;
  }
}

interface CoreConnection {
  on(event: 'error', listener: () => void): unknown;
  query(sql: string, answer: (error: unknown) => void): unknown;
  destroy(): void;
}

/** Statements of one connection run in order, so these come before whatever it was opened for. */
function prepareConnection(connection: CoreConnection): void {
  connection.on('error', () => {}); // of a connection that lies idle: the pool drops it, and nobody asked
  for (const statement of SESSION) {
    connection.query(statement, (error) => {
      if (error) connection.destroy(); // not to be used as it is; what was asked of it fails
    });
  }
}
