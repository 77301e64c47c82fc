import { DomainError } from '../../../domain/errors.ts';
import { hasRoomFor } from '../datasets/table-changes.ts';
import { columnTypes, tableColumns } from '../schema-facts.ts';
import type { Sql } from '../sql.ts';
import { quoted } from '../table.ts';
import { changesApart } from './change-tables.ts';
import { assertNothingStandsOn, assertReplaceable } from './in-use.ts';
import { copyGrants, hasSameColumns } from './postgres-tables.ts';
import type { SwapNames, Target } from './projection-store.ts';

/**
 * Puts `from` in the place of the target's table, in one step of the database's. What others have made for reading the
 * table reads the new one from then on: views, and what they may read.
 * @throws DomainError `projection-in-use` where it would not, `projection-busy` when the new one has less room than the old one
 */
export async function swapTables(sql: Sql, target: Target, names: SwapNames): Promise<void> {
  const isThere = (await tableColumns(sql, target.table)).length > 0;
  if (isThere) await assertReplaceable(sql, target);
  if (isThere && target.kind === 'rows') await assertAsRoomy(sql, target.table, names.from);
  const moves: Move[] = [
    ...(isThere ? [[target.table, names.away] as const] : []),
    [names.from, target.table] as const,
  ];
  switch (sql.family) {
    case 'mariadb':
    case 'mysql':
      return renameTogether(sql, moves);
    case 'sqlite':
      return renameAlone(sql, moves);
    case 'postgresql':
      return isThere ? replace(sql, target, names) : renameEach(sql, moves);
  }
}

/** See `ProjectionStore.isOutgrown`. */
export async function isOutgrown(sql: Sql, table: string, fresh: string): Promise<boolean> {
  const made = await columnTypes(sql, fresh);
  return made.size > 0 && !hasRoomFor(made, await columnTypes(sql, table));
}

/** The dataset may have changed since the new table was made: who knows of it makes it anew. */
async function assertAsRoomy(sql: Sql, table: string, from: string): Promise<void> {
  if (!(await isOutgrown(sql, table, from))) return;
  throw new DomainError('projection-busy', `"${table}" has grown since "${from}" was made`, {
    projection: table,
  });
}

/** See `Tables.rename`. */
export async function renameTable(sql: Sql, table: string, to: string): Promise<boolean> {
  const isThere = async () => (await tableColumns(sql, table)).length > 0;
  if (!(await isThere())) return false;
  try {
    await rename(sql, [table, to]);
    return true;
  } catch (error) {
    if (!changesApart(sql) || (await isThere())) throw error;
    return false;
  }
}

type Move = readonly [old: string, now: string];

async function renameTogether(sql: Sql, moves: readonly Move[]): Promise<void> {
  const all = moves.map(([old, now]) => `${quoted(old)} to ${quoted(now)}`);
  await sql.script(`rename table ${all.join(', ')}`);
}

/** Otherwise views would follow the old table to its new name, and go with it. The setting is the connection's. */
async function renameAlone(sql: Sql, moves: readonly Move[]): Promise<void> {
  await sql.script('pragma legacy_alter_table = on');
  try {
    for (const move of moves) await rename(sql, move);
  } finally {
    await sql.script('pragma legacy_alter_table = off');
  }
}

/** Views and grants belong to the table there, and not to its name. */
async function replace(sql: Sql, { kind, table }: Target, { from, away }: SwapNames): Promise<void> {
  if (kind === 'lines' && (await hasSameColumns(sql, table, from))) return refill(sql, table, from);
  await assertNothingStandsOn(sql, table);
  await copyGrants(sql, table, from);
  await renameEach(sql, [
    [table, away],
    [from, table],
  ]);
}

/** Lines are few: the table stays, with all that stands on it, and who reads it holds up nobody. */
async function refill(sql: Sql, table: string, from: string): Promise<void> {
  const columns = (await tableColumns(sql, table)).map(quoted).join(', ');
  await sql.script(`delete from ${quoted(table)}`);
  await sql.script(`insert into ${quoted(table)} (${columns}) select ${columns} from ${quoted(from)}`);
  await sql.script(`drop table ${quoted(from)}`);
}

async function renameEach(sql: Sql, moves: readonly Move[]): Promise<void> {
  for (const [old, now] of moves) {
    await rename(sql, [old, now]);
    // The name of its key's index would be taken when the next table is made.
    await sql.script(`alter index if exists ${quoted(`${old}_pkey`)} rename to ${quoted(`${now}_pkey`)}`);
  }
}

async function rename(sql: Sql, [old, now]: Move): Promise<void> {
  await sql.script(`alter table ${quoted(old)} rename to ${quoted(now)}`);
}
