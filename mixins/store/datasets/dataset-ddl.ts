import type { FieldType } from '../../../domain/datasets/dataset.ts';
import { MAX_DIGITS } from '../../../domain/decimal.ts';
import type { Family } from '../sql.ts';
import { type Column, quoted } from '../table.ts';
import type { DatasetTable, FieldColumn } from './dataset-table.ts';
import { toLiteral } from './dataset-value.ts';

/** A row of a MySQL or MariaDB table holds 64 KiB outside of its long texts: half of it for so many short ones. */
export const LONGEST_VARCHAR = 255;
const MOST_SHORT = 32;
const LONGEST_ENUM = 100;
const LONGEST_REFERENCE = 128;

/** How texts are kept by MySQL and MariaDB: `long` ones are not counted against what a row holds. */
export type Texts = 'short' | 'long';

/** The statement that makes a dataset's table. `collation` is the server's bytewise one, where a table names it. */
export function createTable(
  { table, fields }: DatasetTable,
  family: Family,
  collation: string,
  texts: Texts = 'short',
): string {
  const typeOf = (field: FieldColumn) =>
    columnType(field, family, texts === 'long' ? texts : textsOf(fields, field));
  const types = new Map(fields.map((field) => [field.name, columnText(field, family, typeOf(field))]));
  const columns = table.columns.map((column) => {
    const isKey = table.key.includes(column.name);
    const type = types.get(column.name);
    if (type !== undefined) return `${quoted(column.name)} ${type}`;
    const isEmpty = !isKey && column.name === 'deleted_at';
    return `${quoted(column.name)} ${ownType(column, family)}${isEmpty ? ' null' : ' not null'}`;
  });
  const key = `primary key (${table.key.map(quoted).join(', ')})`;
  return `create table if not exists ${quoted(table.name)} (${[...columns, key].join(', ')})${suffixOf(family, collation)}`;
}

/**
 * What stands behind a column's name. Fields may be null whatever the declaration says: an older event did not know what
 * is required today. The default shows in rows that were there before the column, and in those of a process that does not
 * know it yet. MySQL takes one of a long text as an expression only.
 */
export function columnText(field: FieldColumn, family: Family, type: string): string {
  if (field.default === undefined || field.default === null) return `${type} null`;
  const literal = toLiteral(family, field, field.default);
  return `${type} null default ${type === 'longtext' ? `(${literal})` : literal}`;
}

/** How the text of a field is kept unless there is a reason: by its place among the texts of its dataset. */
export function textsOf(fields: readonly FieldColumn[], field: FieldColumn): Texts {
  const texts = fields.filter(({ type }) => type.kind === 'text');
  return texts.indexOf(field) < MOST_SHORT ? 'short' : 'long';
}

/** Roomier than the field is today, so that it can be widened without a word to the database. */
export function columnType({ type }: Pick<FieldColumn, 'type'>, family: Family, texts: Texts): string {
  return fieldType(roomy(type, texts), family);
}

function roomy(type: FieldType, texts: Texts): FieldType {
  if (type.kind === 'decimal') return { ...type, precision: MAX_DIGITS };
  if (type.kind !== 'text') return type;
  return { ...type, maxLength: Math.max(type.maxLength, LONGEST_VARCHAR + (texts === 'long' ? 1 : 0)) };
}

/** SQLite reads all of a strict table before it adds a column to it: with a million rows nobody would sell for a second. */
function suffixOf(family: Family, collation: string): string {
  return family === 'sqlite' ? '' : suffix(family, collation);
}

export function suffix(family: Family, collation: string): string {
  if (family === 'sqlite') return ' strict';
  return family === 'postgresql' ? '' : ` engine = InnoDB default character set utf8mb4 collate ${collation}`;
}

function ownType(column: Column, family: Family): string {
  switch (column.name) {
    case 'scope':
      return textType(32, family);
    case 'entity_id':
      return textType(128, family);
    case 'entity_state':
      return textType(null, family);
    case 'conflicted':
      return fieldType({ kind: 'boolean' }, family);
    default:
      return fieldType({ kind: 'timestamp' }, family);
  }
}

export function fieldType(type: FieldType, family: Family): string {
  switch (type.kind) {
    case 'text':
      return textType(type.maxLength, family);
    case 'enum':
      return textType(LONGEST_ENUM, family);
    case 'reference':
      return textType(LONGEST_REFERENCE, family);
    case 'integer':
      return family === 'sqlite' ? 'integer' : 'bigint';
    case 'decimal':
      return decimalType(type.precision, type.scale, family);
    case 'boolean':
      return family === 'sqlite' ? 'integer' : 'boolean';
    case 'date':
      return family === 'sqlite' ? 'text' : 'date';
    case 'timestamp':
      return { sqlite: 'text', postgresql: 'timestamp(3)', mariadb: 'datetime(3)', mysql: 'datetime(3)' }[
        family
      ];
  }
}

function decimalType(precision: number, scale: number, family: Family): string {
  if (family === 'sqlite') return 'integer';
  return `${family === 'postgresql' ? 'numeric' : 'decimal'}(${precision}, ${scale})`;
}

function textType(maxLength: number | null, family: Family): string {
  if (family === 'sqlite') return 'text';
  if (family === 'postgresql') return 'text collate "C"';
  return maxLength !== null && maxLength <= LONGEST_VARCHAR ? `varchar(${maxLength})` : 'longtext';
}

/** SQLite keeps decimals as scaled integers; the view shows them, and flags, as people expect. */
export function createView({ table }: Pick<DatasetTable, 'table'>): string {
  const view = quoted(`${table.name}_view`);
  const columns = table.columns.filter(({ name }) => name !== 'entity_state').map(shown);
  return `drop view if exists ${view}; create view ${view} as select ${columns.join(', ')} from ${quoted(table.name)}`;
}

function shown({ name, kind, scale = 0 }: Column): string {
  if (kind !== 'decimal') return quoted(name);
  const [column, unit] = [quoted(name), 10n ** BigInt(scale)];
  const fraction = scale === 0 ? '' : ` || '.' || printf('%0${scale}d', abs(${column} % ${unit}))`;
  const sign = `case when ${column} < 0 then '-' else '' end`;
  return `${sign} || printf('%d', abs(${column} / ${unit}))${fraction} as ${column}`;
}
