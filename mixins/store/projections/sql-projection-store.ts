import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dataset } from '../../../domain/datasets/dataset.ts';
import { createTable } from '../datasets/dataset-ddl.ts';
import { rows as datasetRows, storedRows, storedScopes } from '../datasets/dataset-rows.ts';
import { type DatasetTable, datasetTable } from '../datasets/dataset-table.ts';
import { type DatasetTables, removeEntities, saveEntities } from '../rows/entity-rows.ts';
import { lockLog } from '../rows/log-rows.ts';
import { runTransaction, type TransactionRunner } from '../run-transaction.ts';
import { tableColumns, textCollation } from '../schema-facts.ts';
import type { Sql } from '../sql.ts';
import { quoted } from '../table.ts';
import { changeTables } from './change-tables.ts';
import { swap } from './exchange.ts';
import { assertReplaceable } from './in-use.ts';
import * as known from './known-events.ts';
import { addToLines, lines } from './line-rows.ts';
import { createLineTable, type LineTable, lineTable } from './line-table.ts';
import * as rowsOf from './projection-rows.ts';
import type { LinesTarget, ProjectionStore, ProjectionTx, RowsTarget, Target } from './projection-store.ts';
import { isOutgrown, renameTable } from './swap-tables.ts';

/** Rows of a table that is no longer wanted, taken out of SQLite at a time. */
const SWEPT_AT_ONCE = 2_000;

export function sqlProjectionStore(runner: TransactionRunner, sql: Sql): ProjectionStore {
  return {
    present: () => known.presentMoment(sql),
    at: (position) => known.momentAt(sql, position),
    next: (from, limit) => known.nextMoment(sql, from, limit),
    follow: (dataset, from, to) => known.follow(sql, dataset, from, to),
    histories: (keys, from) => known.historiesOf(sql, keys, from),
    scopes: (dataset) => known.scopesOf(sql, dataset),
    page: (of, after, moment, limit) => known.entityPage(sql, of, after, moment, limit),
    rows: () => rowsOf.projectionRows(sql),
    row: (name) => rowsOf.projectionRow(sql, name),
    failing: (projection, keys) => rowsOf.failing(sql, projection, keys),
    failures: (projection, limit) => rowsOf.failuresOf(sql, projection, limit),
    lines: (target, after, limit) => lines(sql, lineTableOf(sql, target), after, limit),
    storedScopes: (target) => storedScopes(sql, rowTableOf(target)),
    storedEntity: async (target, { scope, entityId }) =>
      (await storedRows(sql, rowTableOf(target), scope, { entityId }))[0] ?? null,
    storedEntities: (target, scope, range) => storedRows(sql, rowTableOf(target), scope, range),
    transaction: (work) => runTransaction(runner, (tx) => work(projectionTx(tx))),
    swap: (target, names, steps) => swap(runner, projectionTx, { target, names, steps }),
    assertReplaceable: (target) => assertReplaceable(sql, target),
    rowsOf: (target, query) => datasetRows(sql, rowTableOf(target), query),
    withLog: (work) =>
      runTransaction(runner, async (tx) => {
        await lockLog(tx);
        return work();
      }),
    changeTables: (work) =>
      changeTables(runner, (tx, tables) =>
        work(projectionTx(tx), {
          make: (target) => tables((ddl) => makeTable(ddl, target)),
          drop: (table) => tables((ddl) => dropTable(ddl, table)),
          rename: (table, to) => tables((ddl) => renameTable(ddl, table, to)),
        }),
      ),
    sweep: (table) => sweep(runner, table),
    dropTable: async (table) => {
      await sweep(runner, table);
      await changeTables(runner, (_, tables) => tables((ddl) => dropTable(ddl, table)));
    },
    hasTable: async (table) => (await tableColumns(sql, table)).length > 0,
    isOutgrown: async (table, fresh) => isOutgrown(sql, table, fresh),
  };
}

function projectionTx(sql: Sql): ProjectionTx {
  return {
    lockLog: async () => void (await lockLog(sql)),
    lockRow: (name) => rowsOf.lockProjectionRow(sql, name),
    insertRow: (row) => rowsOf.insertProjectionRow(sql, row),
    saveRow: (row) => rowsOf.saveProjectionRow(sql, row),
    removeRow: (name) => sql.run('delete from projection where name = ?', [name]),
    addToLines: (target, changes) => addToLines(sql, lineTableOf(sql, target), changes),
    putEntities: (target, writes) => saveEntities(sql, tablesOf(target), writes),
    removeEntities: (target, keys) => removeEntities(sql, tablesOf(target), keys),
    saveFailures: (projection, failures, nowMs) => rowsOf.saveFailures(sql, projection, failures, nowMs),
    removeFailures: (projection, keys) => rowsOf.removeFailures(sql, projection, keys),
    clearFailures: (projection) =>
      sql.run('delete from projection_failure where projection = ?', [projection]),
    renameFailures: (from, to) =>
      sql.run('update projection_failure set projection = ? where projection = ?', [to, from]),
    lines: (target, after, limit) => lines(sql, lineTableOf(sql, target), after, limit),
  };
}

function lineTableOf({ family }: Sql, { projection, table }: LinesTarget): LineTable {
  return lineTable(projection, family, table);
}

function rowTableOf({ dataset, table }: RowsTarget): DatasetTable {
  const own = datasetTable(dataset);
  return { ...own, table: { ...own.table, name: table } };
}

function tablesOf(target: RowsTarget): DatasetTables {
  const { name }: Dataset = target.dataset;
  return new Map([[name, rowTableOf(target)]]);
}

async function makeTable(sql: Sql, target: Target): Promise<void> {
  const collation = await textCollation(sql);
  await sql.script(
    target.kind === 'lines'
      ? createLineTable(lineTableOf(sql, target), sql.family, collation)
      : createTable(rowTableOf(target), sql.family, collation),
  );
}

async function dropTable(sql: Sql, table: string): Promise<void> {
  await sql.script(`drop table if exists ${quoted(table)}`);
}

/** SQLite goes through every page of a table to drop it, and sales wait meanwhile. */
async function sweep(runner: TransactionRunner, table: string): Promise<void> {
  if (runner.database.family !== 'sqlite') return;
  if ((await tableColumns(runner.database.read, table)).length === 0) return;
  const some = `select rowid from ${quoted(table)} limit ${SWEPT_AT_ONCE}`;
  for (let isMore = true; isMore; await nextTurn()) {
    isMore = await runTransaction(runner, async (sql) => {
      const [row] = await sql.all(`select count(*) as n from (${some})`);
      await sql.run(`delete from ${quoted(table)} where rowid in (${some})`);
      return Number(row?.['n']) === SWEPT_AT_ONCE;
    });
  }
}
