import type { DatabaseTransaction, Family, Sql } from '../sql.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { InOrder } from './in-order.ts';
import { MysqlSql } from './mysql-sql.ts';

export class MysqlTransaction implements DatabaseTransaction {
  readonly sql: Sql;
  readonly #connection: MysqlConnection;
  readonly #turns = new InOrder();

  constructor(family: Family, connection: MysqlConnection) {
    this.#connection = connection;
    this.sql = new MysqlSql(family, {
      execute: (text, values) => this.#turns.run(() => connection.execute(text, values)),
      query: (text) => this.#turns.run(() => connection.query(text)),
    });
  }

  async begin(): Promise<void> {
    try {
      await this.#connection.query('start transaction');
    } catch (error) {
      this.#connection.giveBack();
      throw error;
    }
  }

  assertConnected(): void {
    if (!this.#connection.isBroken) return;
    throw Object.assign(new Error('The connection is closed'), { code: 'PROTOCOL_CONNECTION_LOST' });
  }

  async commit(sent?: () => void | Promise<void>): Promise<void> {
    this.#turns.end();
    const answer = this.#connection.query('commit');
    answer.catch(() => {}); // seen below; `sent` may take its time
    await sent?.();
    await answer;
    this.#connection.giveBack();
  }

  async rollback(): Promise<void> {
    this.#turns.end();
    if (this.#connection.isReturned) return;
    try {
      if (!this.#connection.isBroken) await this.#connection.query('rollback');
    } catch {
      // It is broken, and thrown away.
    }
    this.#connection.giveBack();
  }

  sever(): void {
    this.#connection.sever();
  }
}
