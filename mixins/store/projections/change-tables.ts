import { ONCE, runTransaction, seenByCaller, type TransactionRunner } from '../run-transaction.ts';
import type { Database, Sql } from '../sql.ts';

/** Others wait behind whoever waits for a table: who is in the way is asked again later. MySQL counts in seconds. */
const PATIENCE = { mysqlS: 1, postgresql: '200ms' };

/** Changes tables, in a transaction where there is one for that. */
type Ddl = <T>(change: (sql: Sql) => Promise<T>) => Promise<T>;

export function changesApart({ family }: Pick<Database, 'family'>): boolean {
  return family === 'mariadb' || family === 'mysql';
}

/** See `ProjectionStore.changeTables`. */
export function changeTables<T>(
  runner: TransactionRunner,
  work: (sql: Sql, ddl: Ddl) => Promise<T>,
): Promise<T> {
  const { database } = runner;
  if (!changesApart(database)) {
    return runTransaction(
      runner,
      async (sql) => {
        await loseNoTime(sql);
        return work(sql, (change) => change(sql));
      },
      ONCE,
    );
  }
  return runTransaction(runner, (sql) =>
    work(sql, async (change) => {
      try {
        return await apart(database, change);
      } catch (error) {
        throw seenByCaller(runner, error);
      }
    }),
  );
}

/** For the rest of a transaction. In SQLite nobody who reads is in the way. */
export async function loseNoTime(sql: Sql): Promise<void> {
  if (sql.family === 'postgresql') await sql.script(`set local lock_timeout = '${PATIENCE.postgresql}'`);
}

/** On a connection of its own, since a change of tables ends the transaction that it is part of. */
export async function apart<T>(
  database: Database,
  change: (sql: Sql) => Promise<T>,
  patienceS: number = PATIENCE.mysqlS,
): Promise<T> {
  const connection = await database.begin();
  try {
    await connection.sql.script(`set session lock_wait_timeout = ${patienceS}`);
    return await change(connection.sql);
  } finally {
    await connection.sql.script('set session lock_wait_timeout = default').catch(() => {}); // a broken one is thrown away
    await connection.rollback();
  }
}
