import { fromScaled, parseDecimal, toScaled } from '../../../domain/decimal.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { ProjectionLine } from '../../../domain/projections/projection.ts';
import type { LineChange } from '../../../domain/projections/sums.ts';
import type { Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import { quoted } from '../table.ts';
import type { LineColumn, LineTable } from './line-table.ts';

/** Adds to lines, within a transaction of the only one who writes them. A line without rows goes. */
export async function addToLines(sql: Sql, of: LineTable, changes: readonly LineChange[]): Promise<void> {
  if (changes.length === 0) return;
  const ordered = changes
    .map((change) => ({ name: nameOf(change.key), change }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = await sql.find(
    lookup(of),
    ordered.map(({ change }) => change.key),
  );
  const known = new Map(found.map((row) => [nameOf(keyOf(of, row)), row]));
  const put: SqlValue[][] = [];
  const gone: (readonly string[])[] = [];
  for (const { name, change } of ordered) {
    const sums = added(of, known.get(name), change);
    if (sums === null) gone.push(change.key);
    else put.push([...change.key, ...sums]);
  }
  if (put.length > 0) await sql.upsert(of.table, put);
  if (gone.length > 0) await sql.runByKey(`delete from ${quoted(of.table.name)} where`, lookup(of).key, gone);
}

/** Lines in the order of their keys, behind `after`. */
export async function lines(
  sql: Sql,
  of: LineTable,
  after: readonly string[] | null,
  limit: number,
): Promise<ProjectionLine[]> {
  const order = of.table.key.map(quoted).join(', ');
  const { text, values } = behind(of, after);
  const columns = [...of.key, ...of.sums].map(({ name }) => quoted(name)).join(', ');
  const rows = await sql.all(
    `select ${columns} from ${quoted(of.table.name)} where ${text} order by ${order} limit ?`,
    [...values, limit],
  );
  return rows.map((row) => lineOf(of, row));
}

export function keyOfLine(of: LineTable, line: ProjectionLine): string[] {
  return of.key.map(({ field }) => String(line[field]));
}

/** Written out: MySQL and MariaDB would not use the key for a comparison of rows. */
function behind({ key }: LineTable, after: readonly string[] | null): { text: string; values: SqlValue[] } {
  if (after === null) return { text: '1 = 1', values: [] };
  const values: SqlValue[] = [];
  const parts = key.map(({ name }, at) => {
    const same = key.slice(0, at).map((column) => `${quoted(column.name)} = ?`);
    values.push(...after.slice(0, at + 1));
    return [...same, `${quoted(name)} > ?`].join(' and ');
  });
  return { text: `(${parts.map((part) => `(${part})`).join(' or ')})`, values };
}

function lookup({ table, key, sums }: LineTable): Lookup {
  const columns = [...key, ...sums].map(({ name }) => quoted(name)).join(', ');
  const kinds = key.map(({ name, kind }) => ({ name, kind: kind === 'date' ? kind : ('text' as const) }));
  return { table: table.name, select: columns, key: kinds };
}

function keyOf({ key }: LineTable, row: SqlRow): string[] {
  return key.map(({ name }) => String(row[name]));
}

function nameOf(key: readonly string[]): string {
  return JSON.stringify(key);
}

/** The new sums of a line; null for one that is gone. */
function added(of: LineTable, row: SqlRow | undefined, { key, count, adds }: LineChange): SqlValue[] | null {
  const [counter, ...measures] = of.sums;
  const total = Number(row?.[counter!.name] ?? 0) + count;
  if (total < 0) throw damaged(of, key);
  if (total === 0) return null;
  const sums = measures.map((column, at) => {
    const known = row === undefined ? 0n : scaledOf(column, row[column.name]);
    return sumValue(column, known + adds[at]!);
  });
  return [total, ...sums];
}

function scaledOf({ kind, scale }: LineColumn, value: unknown): bigint {
  if (kind === 'integer') return BigInt(value as number | string);
  return toScaled(parseDecimal(String(value)) ?? '0', scale);
}

function sumValue({ kind, scale }: LineColumn, sum: bigint): SqlValue {
  return kind === 'integer' ? sum : fromScaled(sum, scale);
}

function lineOf(of: LineTable, row: SqlRow): ProjectionLine {
  const key = of.key.map(({ field, name }) => [field, String(row[name])] as const);
  const sums = of.sums.map(({ field, name, kind }) => {
    const value = kind === 'integer' ? Number(row[name]) : (parseDecimal(String(row[name])) ?? '0');
    return [field, value] as const;
  });
  return Object.fromEntries([...key, ...sums]);
}

/** Only somebody who wrote past the store, or a fold that changed without a new version, can have done that. */
function damaged({ projection: { name } }: LineTable, key: readonly string[]): DomainError {
  return new DomainError(
    'projection-damaged',
    `More would be taken from ${name} than was entered (${key.join(', ')}). Make it anew: branchline projections rebuild ${name}`,
    { projection: name, key },
  );
}
