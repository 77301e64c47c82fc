import { DomainError } from '../../domain/errors.ts';
import type { DatasetTable } from './datasets/dataset-table.ts';
import { lacks } from './datasets/evolve-table.ts';
import { tableColumns } from './schema-facts.ts';
import { insertLog, newLog } from './rows/log-rows.ts';
import type { StoreOrm } from './orm/orm.ts';
import { migrationsOf } from './orm/families.ts';
import type { Sql } from './sql.ts';
import type { LogRow } from './store.ts';

export interface Owner {
  readonly office: string;
  readonly role: LogRow['role'];
}

interface Expected {
  readonly prepare: 'make' | 'update' | 'nothing';
  readonly shown: string;
  readonly tables: readonly DatasetTable[];
}

/** Looks whether this program and this office may use the database, and whether it is ready as far as it has to be. */
export async function assertFits(
  sql: Sql,
  owner: Owner,
  { prepare, shown, tables }: Expected,
): Promise<void> {
  await refuseNewer(sql);
  const isReady = await hasOwner(sql, owner);
  if (isReady) for (const table of tables) await lacks(sql, table); // refuses what no table can become
  if (prepare === 'make') return;
  if (!isReady) throw databaseEmpty(shown);
  if (prepare === 'nothing' && !(await isUpToDate(sql, tables))) throw databaseOutdated(shown);
}

async function isUpToDate(sql: Sql, tables: readonly DatasetTable[]): Promise<boolean> {
  const applied = new Set(await appliedMigrations(sql));
  if ((await migrationsOf(sql.family)).some(({ name }) => !applied.has(name))) return false;
  for (const table of tables) if (await lacks(sql, table)) return false;
  return true;
}

function databaseEmpty(shown: string): DomainError {
  return new DomainError(
    'database-empty',
    `DATABASE_URL names ${shown}, in which there is no office yet. Correct DATABASE_URL, or make its tables with: ` +
      `branchline migrate (or start)`,
    { setting: 'DATABASE_URL' },
  );
}

export function databaseOutdated(shown: string): DomainError {
  return new DomainError(
    'database-outdated',
    `The tables in ${shown} are those of an older program. Bring them up to date with: branchline migrate (or start)`,
    { setting: 'DATABASE_URL' },
  );
}

/** Makes the database ready for this program and this office, but for its datasets; or refuses before anything is changed. */
export async function prepareSchema(sql: Sql, orm: StoreOrm, owner: Owner): Promise<void> {
  await refuseNewer(sql);
  const isNew = !(await hasOwner(sql, owner));
  await orm.orm.migrator.up();
  if (isNew) await insertLog(sql, newLog(owner.office, owner.role));
}

/** A program that does not know all that was done to the tables would damage them. */
async function refuseNewer(sql: Sql): Promise<void> {
  if ((await tableColumns(sql, 'migration')).length === 0) return;
  const known = new Set((await migrationsOf(sql.family)).map(({ name }) => name));
  const applied = await appliedMigrations(sql);
  const newer = applied.filter((name) => !known.has(name));
  if (newer.length === 0) return;
  throw new DomainError(
    'database-too-new',
    `The database was changed by a newer program (${newer.join(', ')}). Start that program, or restore a backup.`,
    { setting: 'DATABASE_URL', expected: [...known], actual: applied },
  );
}

async function appliedMigrations(sql: Sql): Promise<string[]> {
  return (await sql.all('select name from migration order by id')).map((row) => String(row['name']));
}

async function hasOwner(sql: Sql, owner: Owner): Promise<boolean> {
  if ((await tableColumns(sql, 'log')).length === 0) return false;
  const [row] = await sql.all('select office, role from log');
  if (row === undefined) return false;
  if (row['office'] === owner.office && row['role'] === owner.role) return true;
  throw new DomainError(
    'database-of-another-office',
    `DATABASE_URL names the database of ${String(row['role'])} office "${String(row['office'])}", but OFFICE_ID is ` +
      `"${owner.office}" and OFFICE_ROLE is "${owner.role}". Correct one of these settings.`,
    {
      settings: ['DATABASE_URL', 'OFFICE_ID', 'OFFICE_ROLE'],
      expected: { office: owner.office, role: owner.role },
      actual: { office: row['office'], role: row['role'] },
    },
  );
}
