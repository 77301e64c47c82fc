import type { FieldType } from '../../../domain/datasets/dataset.ts';
import type { Family } from '../sql.ts';
import { type Column, quoted } from '../table.ts';
import type { DatasetTable, FieldColumn } from './dataset-table.ts';

/** A row of a MySQL or MariaDB table holds 64 KiB outside of its long texts. */
const LONGEST_VARCHAR = 255;
const LONGEST_ENUM = 100;
const LONGEST_REFERENCE = 128;

/** The statement that makes a dataset's table. `collation` is the server's bytewise one, where a table names it. */
export function createTable({ table, fields }: DatasetTable, family: Family, collation: string): string {
  const types = new Map(fields.map((field) => [field.name, fieldType(field.type, family)]));
  const columns = table.columns.map((column) => {
    const isKey = table.key.includes(column.name);
    const type = types.get(column.name) ?? ownType(column, family);
    return `${quoted(column.name)} ${type}${isKey || isOurs(column, types) ? ' not null' : ' null'}`;
  });
  const key = `primary key (${table.key.map(quoted).join(', ')})`;
  return `create table if not exists ${quoted(table.name)} (${[...columns, key].join(', ')})${suffix(family, collation)}`;
}

/** Fields may be null whatever the declaration says: an older event did not know what is required today. */
function isOurs({ name }: Column, types: ReadonlyMap<string, string>): boolean {
  return !types.has(name) && name !== 'deleted_at';
}

export function addColumn(tableName: string, field: FieldColumn, family: Family): string {
  return `alter table ${quoted(tableName)} add column ${quoted(field.name)} ${fieldType(field.type, family)} null`;
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

export function dropView({ table }: Pick<DatasetTable, 'table'>): string {
  return `drop view if exists ${quoted(`${table.name}_view`)}`;
}

/** SQLite keeps decimals as scaled integers; the view shows them, and flags, as people expect. */
export function createView({ table }: Pick<DatasetTable, 'table'>): string[] {
  const view = quoted(`${table.name}_view`);
  const columns = table.columns.filter(({ name }) => name !== 'entity_state').map(shown);
  return [
    dropView({ table }),
    `create view ${view} as select ${columns.join(', ')} from ${quoted(table.name)}`,
  ];
}

function shown({ name, kind, scale = 0 }: Column): string {
  if (kind !== 'decimal') return quoted(name);
  const [column, unit] = [quoted(name), 10n ** BigInt(scale)];
  const fraction = scale === 0 ? '' : ` || '.' || printf('%0${scale}d', abs(${column} % ${unit}))`;
  const sign = `case when ${column} < 0 then '-' else '' end`;
  return `${sign} || printf('%d', abs(${column} / ${unit}))${fraction} as ${column}`;
}
