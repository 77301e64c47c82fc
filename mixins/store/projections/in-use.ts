import { DomainError } from '../../../domain/errors.ts';
import type { Family, Sql } from '../sql.ts';
import { standsOn } from './postgres-tables.ts';
import type { Target } from './projection-store.ts';

const MYSQL_KEYS =
  `select concat('foreign key ', constraint_name, ' of ', table_name) as what ` +
  'from information_schema.referential_constraints ' +
  'where unique_constraint_schema = database() and referenced_table_name = ? order by 1';
/** Foreign keys of other tables that lead to a table: they would go on leading to the old one. */
const KEYS_TO: Readonly<Record<Family, string>> = {
  sqlite:
    `select 'foreign key of ' || t.name || ' (' || group_concat(k."from", ', ') || ')' as what ` +
    `from sqlite_master t, pragma_foreign_key_list(t.name) k ` +
    `where t.type = 'table' and lower(k."table") = lower(?) group by t.name, k.id order by 1`,
  postgresql:
    `select 'foreign key ' || conname || ' of ' || conrelid::regclass as what from pg_constraint ` +
    `where contype = 'f' and confrelid = to_regclass(quote_ident(?)) order by 1`,
  mariadb: MYSQL_KEYS,
  mysql: MYSQL_KEYS,
};

/** @throws DomainError `projection-in-use`: it names what others have made that would not come along with the new table */
export async function assertReplaceable(sql: Sql, { kind, table }: Target): Promise<void> {
  const isReplaced = sql.family === 'postgresql' && kind === 'rows';
  assertNone(table, isReplaced ? await standsOn(sql, table) : await keysTo(sql, table));
}

/** The same of what belongs to the table itself on PostgreSQL, whatever its kind. */
export async function assertNothingStandsOn(sql: Sql, table: string): Promise<void> {
  assertNone(table, await standsOn(sql, table));
}

async function keysTo(sql: Sql, table: string): Promise<string[]> {
  return (await sql.all(KEYS_TO[sql.family], [table])).map((row) => String(row['what']));
}

function assertNone(table: string, uses: readonly string[]): void {
  if (uses.length === 0) return;
  throw new DomainError(
    'projection-in-use',
    `On "${table}" stands what would stay with the old table: ${uses.join(', ')}. Drop it, and create it again after the rebuild`,
    { projection: table, uses },
  );
}
