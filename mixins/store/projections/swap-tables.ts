import { createView, dropView } from '../datasets/dataset-ddl.ts';
import { datasetTable } from '../datasets/dataset-table.ts';
import { tableColumns } from '../schema-facts.ts';
import type { Sql } from '../sql.ts';
import { quoted } from '../table.ts';
import type { SwapNames, Target } from './projection-store.ts';

/** Puts `from` in the place of the target's table, in one step of the database's. */
export async function swapTables(sql: Sql, target: Target, { from, away }: SwapNames): Promise<void> {
  const isThere = (await tableColumns(sql, target.table)).length > 0;
  const moves: [string, string][] = [
    ...(isThere ? [[target.table, away] as [string, string]] : []),
    [from, target.table],
  ];
  if (sql.family === 'mariadb' || sql.family === 'mysql') {
    await sql.script(
      `rename table ${moves.map(([old, now]) => `${quoted(old)} to ${quoted(now)}`).join(', ')}`,
    );
    return;
  }
  const view = target.kind === 'rows' && sql.family === 'sqlite' ? datasetTable(target.dataset) : null;
  if (view !== null) await sql.script(dropView(view)); // or it would follow the old table to its new name
  for (const [old, now] of moves) await rename(sql, old, now);
  if (view !== null) for (const statement of createView(view)) await sql.script(statement);
}

async function rename(sql: Sql, old: string, now: string): Promise<void> {
  await sql.script(`alter table ${quoted(old)} rename to ${quoted(now)}`);
  if (sql.family !== 'postgresql') return;
  // The name of its key's index would be taken when the next table is made.
  await sql.script(`alter index if exists ${quoted(`${old}_pkey`)} rename to ${quoted(`${now}_pkey`)}`);
}
