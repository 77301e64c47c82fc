import type { FieldType } from '../../../domain/datasets/dataset.ts';
import type { Projection } from '../../../domain/projections/projection.ts';
import { scaleOf } from '../../../domain/projections/sums.ts';
import { fieldType, suffix } from '../datasets/dataset-ddl.ts';
import type { Family } from '../sql.ts';
import { type Column, quoted, type Table } from '../table.ts';

/** Digits of a sum: more than any number of rows can fill. */
const SUM_DIGITS = 38;

/** A column with the name that people and programs know it by. */
export interface LineColumn extends Column {
  readonly field: string;
  readonly scale: number;
}

/** The table of a projection, worked out from its declaration. It may stand under another name while it is being made. */
export interface LineTable {
  readonly projection: Projection;
  readonly table: Table;
  readonly key: readonly LineColumn[];
  /** The counter first. */
  readonly sums: readonly LineColumn[];
}

/**
 * Sums have no bound that a 64-bit integer would keep, and SQLite has no other exact number: there decimals are text, in
 * canonical form.
 */
export function lineTable(projection: Projection, family: Family, name = projection.name): LineTable {
  const key = Object.entries(projection.key).map(([field, { kind }]) => {
    return { field, name: snakeCase(field), kind: kind === 'date' ? kind : ('text' as const), scale: 0 };
  });
  const sums = Object.entries(projection.measures).map(([field, measure]) => {
    const exact = family === 'sqlite' ? ('text' as const) : ('decimal' as const);
    const kind = measure.kind === 'integer' ? measure.kind : exact;
    return { field, name: snakeCase(field), kind, scale: scaleOf(measure) };
  });
  const counter = { field: projection.counter.name, name: snakeCase(projection.counter.name), scale: 0 };
  const all: LineColumn[] = [{ ...counter, kind: 'integer' }, ...sums];
  const columns = [...key, ...all].map(({ name: column, kind }) => ({ name: column, kind }));
  return { projection, key, sums: all, table: { name, columns, key: key.map((one) => one.name) } };
}

export function createLineTable(
  { projection, table, key, sums }: LineTable,
  family: Family,
  collation: string,
): string {
  const types = [
    ...key.map(({ field }) => keyType(projection.key[field]!, family)),
    ...sums.map((column) => sumType(column, family)),
  ];
  const columns = table.columns.map(({ name }, at) => `${quoted(name)} ${types[at]} not null`);
  const primary = `primary key (${table.key.map(quoted).join(', ')})`;
  return `create table if not exists ${quoted(table.name)} (${[...columns, primary].join(', ')})${suffix(family, collation)}`;
}

/** No long text is a key on MySQL and MariaDB: what is declared has to be short enough for one. */
function keyType(type: FieldType, family: Family): string {
  const isMysql = family === 'mariadb' || family === 'mysql';
  return isMysql && type.kind === 'text' ? `varchar(${type.maxLength})` : fieldType(type, family);
}

function sumType({ kind, scale }: LineColumn, family: Family): string {
  if (kind === 'integer') return family === 'sqlite' ? 'integer' : 'bigint';
  if (family === 'sqlite') return 'text';
  return `${family === 'postgresql' ? 'numeric' : 'decimal'}(${SUM_DIGITS}, ${scale})`;
}

function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
