import type { Socket } from 'node:net';
import type { PoolConnection } from 'mysql2/promise';
import { withDeadline } from './deadline.ts';
import type { Asked } from './mysql-sql.ts';

/** A connection on loan from the pool, which notices what breaks it. */
export class MysqlConnection implements Asked {
  readonly #connection: PoolConnection;
  #isBroken = false;
  #isReturned = false;
  #timeoutMs: number | undefined;

  constructor(connection: PoolConnection) {
    this.#connection = connection;
  }

  /** From here on an answer may take so long. */
  waitFor(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
  }

  execute(sql: string, values: unknown[]): Promise<[unknown, unknown]> {
    return this.#watch(this.#connection.execute(sql, values as never));
  }

  query(sql: string): Promise<[unknown, unknown]> {
    return this.#watch(this.#connection.query(sql));
  }

  get isBroken(): boolean {
    return this.#isBroken || this.#stream.destroyed;
  }

  get isReturned(): boolean {
    return this.#isReturned;
  }

  /** Back to the pool; a broken connection is thrown away, and so is one whose settings were changed. */
  giveBack(isSpoilt = false): void {
    if (this.#isReturned) return;
    this.#isReturned = true;
    if (this.isBroken || isSpoilt) this.#connection.destroy();
    else this.#connection.release();
  }

  sever(): void {
    this.#stream.destroy();
  }

  get #stream(): Socket {
    return (this.#connection as unknown as { connection: { stream: Socket } }).connection.stream;
  }

  async #watch<T>(answer: Promise<T>): Promise<T> {
    try {
      return await withDeadline(answer, this.#timeoutMs);
    } catch (error) {
      // Only what the server itself says, and survives, leaves the connection usable.
      const { sqlState, fatal } = error as { sqlState?: unknown; fatal?: unknown };
      if (typeof sqlState !== 'string' || fatal === true) this.#isBroken = true;
      throw error;
    }
  }
}
