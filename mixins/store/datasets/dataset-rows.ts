import type { DatasetRow } from '../../../domain/datasets/dataset.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/event.ts';
import { fromScaled, parseDecimal } from '../../../domain/decimal.ts';
import { integer, text } from '../rows/read-value.ts';
import type { Family, Sql, SqlRow, SqlValue } from '../sql.ts';
import type { RowFilter, RowQuery } from '../store.ts';
import { type Column, quoted } from '../table.ts';
import type { DatasetTable, FieldColumn } from './dataset-table.ts';
import { fromColumn, readAs, toColumn } from './dataset-value.ts';

/** `rowsById` is for finding the scope of an id; more than this share no id by accident. */
const MOST_SCOPES = 100;

interface Condition {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export async function rows(sql: Sql, of: DatasetTable, query: RowQuery): Promise<DatasetRow[]> {
  const filter = both(filterCondition(sql.family, of, query), afterCondition(sql.family, query));
  const found = await sql.all(
    `${select(sql.family, of)} where ${filter.text} order by scope, entity_id limit ?`,
    [...filter.values, query.limit],
  );
  return found.map((row) => rowOf(sql.family, of, row));
}

/** Of a scope: one entity, or the first `limit` behind `after` and not behind `upTo`. */
export type EntityRange =
  | { readonly entityId: string }
  | { readonly after: string; readonly upTo: string | null; readonly limit: number };

/** With the text of their states, in order. */
export async function storedRows(
  sql: Sql,
  of: DatasetTable,
  scope: string,
  range: EntityRange,
): Promise<{ row: DatasetRow; state: string }[]> {
  const { text: where, values } = rangeCondition(range);
  const found = await sql.all(
    `${select(sql.family, of, 'entity_state, ')} where scope = ? and ${where} order by entity_id limit ?`,
    [scope, ...values, 'limit' in range ? range.limit : 1],
  );
  return found.map((row) => ({ row: rowOf(sql.family, of, row), state: text(row, 'entity_state') }));
}

function rangeCondition(range: EntityRange): Condition {
  if ('entityId' in range) return { text: 'entity_id = ?', values: [range.entityId] };
  const { after, upTo } = range;
  if (upTo === null) return { text: 'entity_id > ?', values: [after] };
  return { text: 'entity_id > ? and entity_id <= ?', values: [after, upTo] };
}

/** Scope by scope, each by a seek: the key begins with the scope. */
export async function rowsById(sql: Sql, of: DatasetTable, entityId: string): Promise<DatasetRow[]> {
  const found = await sql.all(
    `${scopesIn(of)} ${select(sql.family, of)} where entity_id = ? and scope in (select scope from s where scope is not null) ` +
      `order by scope limit ${MOST_SCOPES}`,
    [entityId],
  );
  return found.map((row) => rowOf(sql.family, of, row));
}

/** The scopes that have rows, whether or not there are events of them. */
export async function storedScopes(sql: Sql, of: DatasetTable): Promise<string[]> {
  const found = await sql.all(`${scopesIn(of)} select scope from s where scope is not null`);
  return found.map((row) => text(row, 'scope'));
}

function scopesIn({ table }: DatasetTable): string {
  const name = quoted(table.name);
  return (
    `with recursive s(scope) as (select min(scope) from ${name} union all ` +
    `select (select min(scope) from ${name} where scope > s.scope) from s where s.scope is not null)`
  );
}

export async function countRows(sql: Sql, of: DatasetTable, filter: RowFilter): Promise<number> {
  const { text: where, values } = filterCondition(sql.family, of, filter);
  const [row] = await sql.all(`select count(*) as n from ${quoted(of.table.name)} where ${where}`, values);
  return integer(row ?? {}, 'n');
}

/**
 * Exact, whatever the number of rows. SQLite's sum() of integers fails beyond 64 bits, so the digits above and
 * below 10^9 are summed apart: each has room for a thousand million rows.
 */
export async function sumRows(sql: Sql, of: DatasetTable, field: string, filter: RowFilter): Promise<string> {
  const column = numericColumn(of, field);
  const { text: where, values } = filterCondition(sql.family, of, filter);
  const from = `from ${quoted(of.table.name)} where ${where}`;
  const name = quoted(column.name);
  if (sql.family !== 'sqlite') {
    const kind = sql.family === 'postgresql' ? 'text' : 'char';
    const [row] = await sql.all(`select cast(coalesce(sum(${name}), 0) as ${kind}) as total ${from}`, values);
    return parseDecimal(text(row ?? {}, 'total')) ?? '0';
  }
  const part = (expression: string) => `cast(coalesce(sum(${expression}), 0) as text)`;
  const [row] = await sql.all(
    `select ${part(`${name} / 1000000000`)} as high, ${part(`${name} % 1000000000`)} as low ${from}`,
    values,
  );
  const total = BigInt(text(row ?? {}, 'high')) * 1_000_000_000n + BigInt(text(row ?? {}, 'low'));
  return fromScaled(total, column.scale ?? 0);
}

function numericColumn(of: DatasetTable, field: string): FieldColumn {
  const column = fieldColumn(of, field);
  if (column.kind === 'decimal' || column.kind === 'integer') return column;
  throw new DomainError('unknown-field', `"${field}" of ${of.dataset.name} is no number`, { field });
}

function fieldColumn(of: DatasetTable, field: string): FieldColumn {
  const column = of.fields.find((one) => one.field === field);
  if (column) return column;
  throw new DomainError('unknown-field', `${of.dataset.name} has no field "${field}"`, { field });
}

function select(family: Family, { table, fields }: DatasetTable, more = ''): string {
  const own = table.columns.filter(({ name }) => !fields.some((field) => field.name === name));
  const columns = own.filter(({ name }) => name !== 'entity_state').map(({ name }) => quoted(name));
  return `select ${more}${[...columns, ...fields.map((field) => readAs(family, field))].join(', ')} from ${quoted(table.name)}`;
}

function rowOf(family: Family, { fields }: DatasetTable, row: SqlRow): DatasetRow {
  const instant = (name: string) => fromColumn(family, { name, kind: 'timestamp' }, row[name]) as string;
  const values: Record<string, JsonValue> = {};
  for (const field of fields) values[field.field] = fromColumn(family, field, row[field.name]);
  return {
    scope: text(row, 'scope'),
    entityId: text(row, 'entity_id'),
    values,
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
    deletedAt: instant('deleted_at'),
    conflicted: Boolean(row['conflicted']),
  };
}

export function rowValues(
  family: Family,
  { table, fields }: DatasetTable,
  row: DatasetRow,
  state: string,
): SqlValue[] {
  const instant = (name: string, value: string | null) =>
    toColumn(family, { name, kind: 'timestamp' }, value);
  const own: Readonly<Record<string, SqlValue>> = {
    scope: row.scope,
    entity_id: row.entityId,
    entity_state: state,
    created_at: instant('created_at', row.createdAt),
    updated_at: instant('updated_at', row.updatedAt),
    deleted_at: instant('deleted_at', row.deletedAt),
    conflicted: row.conflicted,
  };
  const byName = new Map(fields.map((field) => [field.name, field]));
  return table.columns.map(({ name }) => {
    const field = byName.get(name);
    return field ? toColumn(family, field, valueOf(row, field)) : (own[name] ?? null);
  });
}

/** A row of a shape that has not got the field yet is one in which nobody wrote it. */
function valueOf({ values }: DatasetRow, { field, default: shown = null }: FieldColumn): JsonValue {
  return values[field] === undefined ? shown : values[field];
}

function filterCondition(family: Family, of: DatasetTable, filter: RowFilter): Condition {
  const conditions: Condition[] = [{ text: '1 = 1', values: [] }];
  if (filter.scope !== undefined) conditions.push({ text: 'scope = ?', values: [filter.scope] });
  if (filter.deleted === 'without') conditions.push({ text: 'deleted_at is null', values: [] });
  if (filter.deleted === 'only') conditions.push({ text: 'deleted_at is not null', values: [] });
  if (filter.conflicted !== undefined)
    conditions.push({ text: 'conflicted = ?', values: [filter.conflicted] });
  for (const [field, value] of Object.entries(filter.equals ?? {})) {
    conditions.push(equals(family, fieldColumn(of, field), value));
  }
  return conditions.reduce(both);
}

function equals(family: Family, column: Column, value: JsonValue): Condition {
  const name = quoted(column.name);
  if (value === null) return { text: `${name} is null`, values: [] };
  return { text: `${name} = ?`, values: [toColumn(family, column, value)] };
}

function afterCondition(family: Family, { after, scope }: RowQuery): Condition {
  if (after === undefined) return { text: '1 = 1', values: [] };
  if (after.scope === scope) return { text: 'entity_id > ?', values: [after.entityId] };
  if (family === 'sqlite' || family === 'postgresql') {
    return { text: '(scope, entity_id) > (?, ?)', values: [after.scope, after.entityId] };
  }
  // For which MySQL and MariaDB would begin at the start of the table.
  const values = [after.scope, after.scope, after.entityId];
  return { text: '(scope > ? or (scope = ? and entity_id > ?))', values };
}

function both(a: Condition, b: Condition): Condition {
  return { text: `${a.text} and ${b.text}`, values: [...a.values, ...b.values] };
}
