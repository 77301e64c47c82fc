import type { FieldType } from '../../../domain/datasets/dataset.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Family } from '../sql.ts';
import { quoted } from '../table.ts';
import {
  columnText,
  columnType,
  createTable,
  fieldType,
  LONGEST_VARCHAR,
  type Texts,
  textsOf,
} from './dataset-ddl.ts';
import type { DatasetTable, FieldColumn } from './dataset-table.ts';

/** Columns of a table as they are, with the types that the database names. None: there is no table. */
export type ColumnTypes = ReadonlyMap<string, string>;

/** One thing to be done to a dataset's table. Programs that know the shape before go on with it all the same. */
export interface TableChange {
  /** `show`: how SQLite shows it to people. */
  readonly kind: 'create' | 'add' | 'widen' | 'show';
  /** null: the table itself. */
  readonly column: string | null;
  /** Done in a moment, however large the table is: the first one that the database can do. */
  readonly ways: readonly string[];
  /** Copies the table, where there is no other way; null: there is one. */
  readonly copying: string | null;
}

/** Of MySQL and MariaDB, for a text that has grown: several of them fit into a row. */
const LONGEST_GROWN = 4_000;

/**
 * What a table lacks. Nothing is ever taken away.
 * @param collation see `createTable`
 * @throws DomainError `invalid-dataset` when the table is not the dataset's
 */
export function changesOf(
  of: DatasetTable,
  existing: ColumnTypes,
  family: Family,
  collation: string,
): TableChange[] {
  if (existing.size === 0) {
    const ways = waysOf(family, 'short', (texts) => createTable(of, family, collation, texts));
    return [{ kind: 'create', column: null, ways, copying: null }];
  }
  assertOurs(of, existing);
  return of.fields.flatMap((field) => {
    const type = existing.get(field.name);
    if (type === undefined) return [addition(of, field, family)];
    assertSameKind(of, field, { column: type, wanted: wantedType(field, family) });
    return admits(type, field.type) ? [] : [widening(of, field, family)];
  });
}

/** A row may have no room for them. */
function waysOf(family: Family, texts: Texts, way: (texts: Texts) => string): string[] {
  return [...new Set(isMysql(family) ? [way(texts), way('long')] : [way(texts)])];
}

function isMysql(family: Family): boolean {
  return family === 'mariadb' || family === 'mysql';
}

function addition({ table, fields }: DatasetTable, field: FieldColumn, family: Family): TableChange {
  const start = `alter table ${quoted(table.name)} add column ${quoted(field.name)}`;
  const ways = waysOf(
    family,
    textsOf(fields, field),
    (texts) => `${start} ${columnText(field, family, columnType(field, family, texts))}`,
  );
  return { kind: 'add', column: field.name, ways, copying: null };
}

function widening({ table, fields }: DatasetTable, field: FieldColumn, family: Family): TableChange {
  const [start, type] = [
    `alter table ${quoted(table.name)}`,
    columnType(field, family, textsOf(fields, field)),
  ];
  const change = { kind: 'widen', column: field.name } as const;
  if (!isMysql(family)) {
    const way = `${start} alter column ${quoted(field.name)} type ${type}`;
    return { ...change, ways: [way], copying: null };
  }
  const modified = (to: string) =>
    `${start} modify column ${quoted(field.name)} ${columnText(field, family, to)}`;
  const length = field.type.kind === 'text' ? field.type.maxLength : 0;
  const isGrown = length > LONGEST_VARCHAR && length <= LONGEST_GROWN;
  return {
    ...change,
    ways: [modified(isGrown ? `varchar(${length})` : type)],
    copying: modified(type),
  };
}

/** `varchar(255)`, `numeric(18,4)`: null for a type without a length, as is that of a moment. */
function sizeOf(type: string): { readonly length: number; readonly scale: number } | null {
  const [, length, scale = '0'] = /^(?:varchar|decimal|numeric)\((\d+)(?:, ?(\d+))?\)/.exec(type) ?? [];
  return length === undefined ? null : { length: Number(length), scale: Number(scale) };
}

/** Whether a table has a place for all that may stand in another one. */
export function hasRoomFor(table: ColumnTypes, other: ColumnTypes): boolean {
  return [...other].every(([name, type]) => {
    if (!table.has(name)) return false;
    const [own, needed] = [sizeOf(table.get(name)!), sizeOf(type)];
    return own === null || (needed !== null && own.length >= needed.length);
  });
}

/** Whether a column of that type holds every value of the field. */
function admits(column: string, type: FieldType): boolean {
  const size = sizeOf(column);
  if (size === null) return true;
  if (type.kind === 'text') return size.length >= type.maxLength;
  return type.kind !== 'decimal' || size.length >= type.precision;
}

/** What databases call the kinds of columns that the tables of datasets have. */
const KINDS: Readonly<Record<string, string>> = {
  text: 'text',
  varchar: 'text',
  longtext: 'text',
  integer: 'whole number',
  bigint: 'whole number',
  numeric: 'decimal',
  decimal: 'decimal',
  boolean: 'boolean',
  tinyint: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  datetime: 'timestamp',
};

/** undefined for what no table of a dataset has. */
function kindOf(type: string): string | undefined {
  return KINDS[/^[a-z]*/.exec(type)![0]];
}

/** SQLite has no decimals: who asks it what it keeps says which whole numbers stand for them. */
function wantedType({ type }: FieldColumn, family: Family): string {
  return type.kind === 'decimal' ? type.kind : fieldType(type, family);
}

/** Otherwise the database would round what it has or what it is given, or take neither. */
function assertSameKind(
  { dataset }: DatasetTable,
  { field, type }: FieldColumn,
  { column, wanted }: { readonly column: string; readonly wanted: string },
): void {
  const [was, is] = [kindOf(column), kindOf(wanted)];
  const other = 'leave it as it is, and declare another field for what is new';
  if (was !== is)
    throw cannotBeStored(
      dataset.name,
      `"${field}" has been kept as ${was ?? column}, and not as ${is}; ${other}`,
    );
  const size = sizeOf(column);
  if (type.kind !== 'decimal' || size === null || size.scale === type.scale) return;
  throw cannotBeStored(
    dataset.name,
    `"${field}" has been kept with ${size.scale} digits behind the point, and not ${type.scale}; ${other}`,
  );
}

/** Before it is changed: a database may have held a table of this name before. */
function assertOurs({ table, fields }: DatasetTable, existing: ColumnTypes): void {
  const own = table.columns.filter(({ name }) => !fields.some((field) => field.name === name));
  if (own.every(({ name }) => existing.has(name))) return;
  throw cannotBeStored(
    table.name,
    `there is a table "${table.name}" in its database that is not the dataset's; rename one of them`,
  );
}

function cannotBeStored(dataset: string, problem: string): DomainError {
  return new DomainError('invalid-dataset', `The dataset "${dataset}" cannot be stored: ${problem}`, {
    problems: [problem],
  });
}
