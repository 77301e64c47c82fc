import { DomainError } from '../../../domain/errors.ts';
import { passed } from '../../moments.ts';
import { apart } from '../projections/change-tables.ts';
import { lockLog } from '../rows/log-rows.ts';
import { ONCE, runTransaction, type TransactionRunner } from '../run-transaction.ts';
import { isMariaDb } from '../schema-facts.ts';
import { Slots } from '../slots.ts';
import type { Database, Sql } from '../sql.ts';
import { quoted, type Table } from '../table.ts';
import type { TableChange } from './table-changes.ts';

/**
 * MySQL and MariaDB, where a change of a table is a transaction of its own. See
 * https://mariadb.com/kb/en/innodb-online-ddl-overview/ for what is done at once, and what copies the table.
 */

/** This table, or this server, cannot be changed in that way: there may be another one. */
const NOT_SO = new Set([
  1118 /* no room in a row */, 1845 /* not with this algorithm */, 1846, 4092 /* too many at once already */,
]);
/** A table of so few rows is copied in a moment. */
const FEW_ROWS = 5_000;

type Look = (sql: Sql) => Promise<TableChange[]>;

/** A transaction of another connection has the log meanwhile, so that nobody is in the middle of writing the table. */
export async function changeApart(
  runner: TransactionRunner,
  look: Look,
  { table, isIdle }: { readonly table: Table; readonly isIdle: boolean },
): Promise<void> {
  const { database } = runner;
  // Those who wait for the log may hold all the slots there are.
  const inner = { ...runner, slots: new Slots(1) };
  const work = async (sql: Sql): Promise<TableChange[]> => {
    await lockLog(sql);
    const left: TableChange[] = [];
    for (const change of await look(sql)) {
      if (await isDoneAtOnce(database, change)) passed('table-altered');
      else left.push(change);
    }
    return left;
  };
  const left = await runTransaction(inner, work, ONCE);
  for (const change of left) {
    await database.exclusive((sql) => changeSlowly(sql, change, { look, table, isIdle }));
    passed('table-altered');
  }
}

/** Who reads the table is not waited for where the server allows that, or everybody would wait as well. */
async function isDoneAtOnce(database: Database, { kind, ways }: TableChange): Promise<boolean> {
  const patienceS = (await isMariaDb(database.read)) ? 0 : 1;
  for (const way of ways) {
    const text = kind === 'create' ? way : `${way}, algorithm = instant`;
    if (await isDone(() => apart(database, (sql) => sql.script(text), patienceS))) return true;
  }
  return false;
}

/** Goes on beside those who sell, however long it takes, but for a moment at both ends. */
async function changeSlowly(
  sql: Sql,
  { column, ways, copying }: TableChange,
  { look, table, isIdle }: { readonly look: Look; readonly table: Table; readonly isIdle: boolean },
): Promise<void> {
  await sql.script('set session lock_wait_timeout = 1');
  if (!(await look(sql)).some((change) => change.column === column)) return; // others have done it
  for (const way of ways) {
    if (await isDone(() => sql.script(`${way}, algorithm = inplace, lock = none`))) return;
  }
  if (copying !== null && (isIdle || (await hasFewRows(sql, table)))) {
    await sql.script(`${copying}, algorithm = copy`);
    return;
  }
  throw new DomainError(
    'needs-rebuild',
    `The column "${column}" of "${table.name}" was made too narrow to be widened while the office sells. ` +
      `Rebuild the table first, which makes it wide: branchline projections rebuild ${table.name}`,
    { table: table.name, column },
  );
}

async function hasFewRows(sql: Sql, { name }: Table): Promise<boolean> {
  const [row] = await sql.all(
    `select count(*) as n from (select 1 from ${quoted(name)} limit ${FEW_ROWS + 1}) t`,
  );
  return Number(row?.['n']) <= FEW_ROWS;
}

async function isDone(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    const { errno } = error as { errno?: unknown };
    if (typeof errno !== 'number' || !NOT_SO.has(errno)) throw error;
    return false;
  }
}
