import { setTimeout as after } from 'node:timers/promises';
import { MAX_DIGITS } from '../../../domain/decimal.ts';
import { isTransient } from '../../../domain/errors.ts';
import { passed } from '../../moments.ts';
import { changesApart } from '../projections/change-tables.ts';
import { retryingSql } from '../retrying-sql.ts';
import { lockLog } from '../rows/log-rows.ts';
import { ONCE, runTransaction, seenByCaller, type TransactionRunner } from '../run-transaction.ts';
import { columnTypes, textCollation } from '../schema-facts.ts';
import type { Sql } from '../sql.ts';
import { quoted } from '../table.ts';
import { isOurs } from '../trouble.ts';
import { changeApart } from './change-apart.ts';
import { createView } from './dataset-ddl.ts';
import type { DatasetTable } from './dataset-table.ts';
import { changesOf, type ColumnTypes, type TableChange } from './table-changes.ts';

export interface Patience {
  /** How long those who read the table are waited for. */
  readonly patienceMs: number;
  /** Nobody sells meanwhile: a table may be copied. */
  readonly isIdle: boolean;
}

/** Who reads or sells waits behind one that waits for the table. */
const READERS_MS = 50;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

/** Whether a row of the dataset finds no room in its table. @throws DomainError `invalid-dataset` */
export async function lacks(sql: Sql, of: DatasetTable): Promise<boolean> {
  return (await pendingChanges(sql, of)).some(({ kind }) => kind !== 'show');
}

async function pendingChanges(sql: Sql, of: DatasetTable): Promise<TableChange[]> {
  const existing = await columnTypes(sql, of.table.name);
  if (sql.family === 'sqlite') return pendingOnSqlite(of, existing, await viewText(sql, of));
  return changesOf(of, existing, sql.family, existing.size === 0 ? await textCollation(sql) : '');
}

function pendingOnSqlite(of: DatasetTable, existing: ColumnTypes, view: string): TableChange[] {
  const changes = changesOf(of, withDecimals(of, existing, view), 'sqlite', '');
  const way = createView(of);
  const isShown = changes.length === 0 && way.endsWith(view);
  return isShown ? changes : [...changes, { kind: 'show', column: null, ways: [way], copying: null }];
}

/** SQLite keeps whole numbers only: which of them are decimals is known from how they are shown, if they are. */
function withDecimals({ fields }: DatasetTable, existing: ColumnTypes, view: string): ColumnTypes {
  const types = new Map(existing);
  for (const { name, type } of fields) {
    if (types.get(name) !== 'integer') continue;
    const scale = scaleShown(view, name);
    const known = type.kind === 'decimal' && !isShownAsIs(view, name) ? type.scale : null;
    if ((scale ?? known) !== null) types.set(name, `decimal(${MAX_DIGITS},${scale ?? known})`);
  }
  return types;
}

function scaleShown(view: string, name: string): number | null {
  const [, unit] = view.split(`printf('%d', abs(${quoted(name)} / `)[1]?.match(/^(10*)\)/) ?? [];
  return unit === undefined ? null : unit.length - 1;
}

function isShownAsIs(view: string, name: string): boolean {
  return [',', ' from'].some(
    (end) => view.includes(` ${quoted(name)}${end}`) && !view.includes(` as ${quoted(name)}${end}`),
  );
}

/** As SQLite keeps it: the beginning in its own words. */
async function viewText(sql: Sql, { table }: DatasetTable): Promise<string> {
  const [row] = await sql.all(`select sql from sqlite_master where type = 'view' and name = ?`, [
    `${table.name}_view`,
  ]);
  return row === undefined ? '-' : String(row['sql']).replace(/^create view /i, '');
}

/**
 * Brings the table of a dataset to its shape while others sell, and perhaps do the same. The table itself tells what is
 * left to do: whoever is killed leaves it to the next one. A table that is being read is asked for again and again, so that
 * nobody waits for long.
 * @throws DomainError `busy` when it was being read all the time, `needs-rebuild`, `invalid-dataset`
 */
export async function evolveTable(
  runner: TransactionRunner,
  of: DatasetTable,
  patience: Patience,
): Promise<void> {
  const endMs = performance.now() + patience.patienceMs;
  const sql = retryingSql(runner);
  let pending = await pendingChanges(sql, of);
  for (let attempt = 1; pending.length > 0; attempt++) {
    const failure = await failureOf(() => changeOnce(runner, of, patience));
    const before = pending;
    pending = await pendingChanges(sql, of);
    if (failure === null || pending.length < before.length) continue; // with a failure: others have done it
    if (performance.now() > endMs || !isPassing(runner, failure.error))
      throw seenByCaller(runner, failure.error);
    await after(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
  }
}

async function failureOf(work: () => Promise<void>): Promise<{ readonly error: unknown } | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return { error };
  }
}

function isPassing({ diagnose }: TransactionRunner, error: unknown): boolean {
  if (isOurs(error)) return isTransient(error);
  const trouble = diagnose(error);
  return trouble === 'again' || trouble === 'lost';
}

function changeOnce(runner: TransactionRunner, of: DatasetTable, { isIdle }: Patience): Promise<void> {
  return changesApart(runner.database)
    ? changeApart(runner, (sql) => pendingChanges(sql, of), { table: of.table, isIdle })
    : changeTogether(runner, of);
}

/** With the log, nobody is in the middle of writing the table. */
async function changeTogether(runner: TransactionRunner, of: DatasetTable): Promise<void> {
  const work = async (sql: Sql): Promise<void> => {
    await lockLog(sql);
    if (sql.family === 'postgresql') await sql.script(`set local lock_timeout = '${READERS_MS}ms'`);
    for (const { ways } of await pendingChanges(sql, of)) {
      await sql.script(ways[0]!);
      passed('table-altered');
    }
  };
  await runTransaction(runner, work, ONCE);
}
