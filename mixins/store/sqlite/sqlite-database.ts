import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as after } from 'node:timers/promises';
import type { Database, DatabaseTransaction, Hold, Sql } from '../sql.ts';
import { SqliteSql } from './sqlite-sql.ts';
import { isBusy } from './sqlite-trouble.ts';
import { type Turns, turnsOf } from './turns.ts';

/** SQLite waits by stopping the event loop, so it may wait only briefly; beyond that we ask again ourselves. */
const BUSY_TIMEOUT_MS = 20;
/** How long other processes may keep the file before we give up. */
const WRITE_WAIT_MS = 10_000;
const ASK_AGAIN_MS = 15;
/**
 * What a process wrote that was killed before its commit had come to the disk is there for the next one to read, and
 * gone with the power all the same: a checkpoint syncs it, so that nothing is told of it, or acknowledged, before.
 */
const MAKE_SAFE = 'pragma wal_checkpoint(passive)';

/**
 * One file: one connection that writes, in turns, and one that only reads. In WAL mode the reader sees the last
 * commit and never what is under way, and neither waits for the other.
 */
export class SqliteDatabase implements Database {
  readonly family = 'sqlite';
  readonly #path: string;
  #turns: Turns | null = null;
  #writer: DatabaseSync | null = null;
  #reader: DatabaseSync | null = null;
  #write: Sql | null = null;
  #read: Sql | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  get read(): Sql {
    return opened(this.#read);
  }

  async open(): Promise<void> {
    mkdirSync(dirname(this.#path), { recursive: true });
    try {
      this.#writer = new DatabaseSync(this.#path, {
        timeout: BUSY_TIMEOUT_MS,
        enableForeignKeyConstraints: true,
      });
      this.#turns = turnsOf(this.#path);
      await untilFree(() =>
        this.#writer?.exec(
          'pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 4000; pragma cache_size = -8000',
        ),
      );
      await untilFree(() => this.#writer?.exec(MAKE_SAFE));
      this.#reader = new DatabaseSync(this.#path, { timeout: BUSY_TIMEOUT_MS, readOnly: true });
      this.#write = new SqliteSql(this.#writer);
      this.#read = new SqliteSql(this.#reader);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const end = await this.#turns?.take();
    this.#reader?.close();
    this.#writer?.close();
    this.#reader = this.#writer = this.#read = this.#write = null;
    end?.();
  }

  async begin(): Promise<DatabaseTransaction> {
    const end = await opened(this.#turns).take();
    try {
      const db = opened(this.#writer);
      if (db.isTransaction) db.exec('rollback'); // one that the disk did not let us end
      await untilFree(() => db.exec('begin immediate'));
      return this.#transaction(db, opened(this.#write), end);
    } catch (error) {
      end();
      throw error;
    }
  }

  async exclusive<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const transaction = await this.begin();
    try {
      const result = await work(transaction.sql);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  /** Who runs an office has the file to itself already: see sole-use.ts. */
  async hold(): Promise<Hold | null> {
    return { lost: new Promise(() => {}), release: async () => {} };
  }

  async durability(): Promise<string[]> {
    const [journal] = await opened(this.#write).all('pragma journal_mode');
    const [synchronous] = await opened(this.#write).all('pragma synchronous');
    const findings: string[] = [];
    if (journal?.['journal_mode'] !== 'wal') findings.push('journal_mode is not WAL on this file system');
    if (Number(synchronous?.['synchronous']) < 2) findings.push('synchronous is below FULL');
    return findings;
  }

  #transaction(db: DatabaseSync, sql: Sql, end: () => void): DatabaseTransaction {
    return {
      sql,
      assertConnected() {},
      async commit(sent) {
        await sent?.();
        db.exec('commit');
        end();
      },
      async rollback() {
        try {
          if (db.isOpen && db.isTransaction) db.exec('rollback');
        } catch {
          // Tried again at the next begin.
        }
        end();
      },
      sever() {},
    };
  }
}

/** Runs a statement when other processes let go of the file, without stopping the event loop meanwhile. */
async function untilFree(statement: () => void): Promise<void> {
  const deadlineMs = Date.now() + WRITE_WAIT_MS;
  for (;;) {
    try {
      return statement();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadlineMs) throw error;
      await after(ASK_AGAIN_MS * (0.5 + Math.random()));
    }
  }
}

function opened<T>(part: T | null): T {
  if (part === null) throw new Error('The store is not open');
  return part;
}
