import { hostname } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { DomainError } from '../../domain/errors.ts';
import { type ProcessRow, readProcess, saveProcess } from './rows/process-rows.ts';
import { runTransaction, type TransactionRunner } from './run-transaction.ts';
import type { Hold, Sql } from './sql.ts';
import type { Alone } from './store.ts';

const PATIENCE_MS = 5_000;
const ASK_AGAIN_MS = 200;
const REGAIN_MS = 1_000;

/**
 * One process has a branch's database to itself (docs/adr/0008). The lock is the server's and goes with a connection;
 * when that breaks, the lock is taken again. Selling does not wait for it: what two processes write at a time is in
 * order all the same, by the lock on the log's row.
 */
export class Occupancy {
  readonly #runner: TransactionRunner;
  readonly #read: Sql;
  readonly #alone: Alone;
  readonly #self: ProcessRow = { host: hostname(), pid: process.pid, sinceMs: Date.now() };
  readonly #released = new AbortController();
  #hold: Hold | null = null;

  constructor(runner: TransactionRunner, read: Sql, alone: Alone) {
    this.#runner = runner;
    this.#read = read;
    this.#alone = alone;
  }

  /** @throws DomainError `database-in-use` */
  async take(): Promise<void> {
    const deadlineMs = performance.now() + (this.#alone.patienceMs ?? PATIENCE_MS);
    for (;;) {
      if (await this.#taken()) return;
      if (performance.now() > deadlineMs) throw inUse(this.#runner.shown, await readProcess(this.#read));
      await after(ASK_AGAIN_MS);
    }
  }

  /** Says who has it, once there is a table to say so. */
  sign(): Promise<void> {
    return runTransaction(this.#runner, (sql) => saveProcess(sql, this.#self));
  }

  async release(): Promise<void> {
    this.#released.abort();
    const hold = this.#hold;
    this.#hold = null;
    await hold?.release();
  }

  async #taken(): Promise<boolean> {
    const hold = await this.#runner.database.hold();
    if (hold === null) return false;
    if (this.#released.signal.aborted) await hold.release();
    else this.#keep(hold);
    return true;
  }

  #keep(hold: Hold): void {
    this.#hold = hold;
    void hold.lost.then(() => this.#regain());
  }

  async #regain(): Promise<void> {
    while (!this.#released.signal.aborted) {
      // While the database is away it is asked again; what that means for sales, the next sale says.
      const outcome = await this.#takeAgain().catch(() => 'later' as const);
      if (outcome === 'taken') return;
      if (outcome !== 'later') return this.#alone.onTaken(outcome);
      await after(REGAIN_MS, undefined, { signal: this.#released.signal, ref: false }).catch(() => {});
    }
  }

  async #takeAgain(): Promise<'taken' | 'later' | DomainError> {
    if (await this.#taken()) {
      await this.sign();
      return 'taken';
    }
    const other = await readProcess(this.#read);
    return this.#isSelf(other) ? 'later' : inUse(this.#runner.shown, other);
  }

  /** The server has not noticed yet that the connection is gone. */
  #isSelf(other: ProcessRow | null): boolean {
    const { host, pid, sinceMs } = this.#self;
    return other === null || (other.host === host && other.pid === pid && other.sinceMs === sinceMs);
  }
}

function inUse(shown: string, other: ProcessRow | null): DomainError {
  const holder = other && { ...other, since: new Date(other.sinceMs).toISOString() };
  const who =
    holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}, since ${holder.since}`;
  return new DomainError(
    'database-in-use',
    `DATABASE_URL names ${shown}, which is in use by ${who}. A branch has one process: stop that one, or correct ` +
      `DATABASE_URL. If its machine is gone, the database notices within a minute.`,
    { setting: 'DATABASE_URL', database: shown, holder },
  );
}
