import { fromScaled, parseDecimal, toScaled } from '../../../domain/decimal.ts';
import type { JsonValue } from '../../../domain/event.ts';
import type { Family, SqlValue } from '../sql.ts';
import { type Column, quoted } from '../table.ts';

/** A JSON value as the column takes it. Exact on every family: no floats, no time zones. */
export function toColumn(family: Family, column: Column, value: JsonValue): SqlValue {
  if (value === null) return null;
  if (column.kind === 'decimal' && family === 'sqlite') return toScaled(String(value), column.scale ?? 0);
  if (column.kind === 'timestamp' && family !== 'sqlite') return instantToColumn(String(value));
  return value as SqlValue;
}

/** A value in the text of a statement that makes a column, where no value can be bound. */
export function toLiteral(family: Family, column: Column, value: JsonValue): string {
  const bound = toColumn(family, column, value);
  if (typeof bound !== 'string') return String(bound);
  const isEscaping = family === 'mariadb' || family === 'mysql';
  return `'${(isEscaping ? bound.replaceAll('\\', '\\\\') : bound).replaceAll("'", "''")}'`;
}

/** How a column is read, so that `fromColumn` finds text for decimals: 64-bit integers are no JavaScript numbers. */
export function readAs(family: Family, column: Column): string {
  const name = quoted(column.name);
  return column.kind === 'decimal' && family === 'sqlite' ? `cast(${name} as text) as ${name}` : name;
}

export function fromColumn(family: Family, column: Column, value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  switch (column.kind) {
    case 'decimal':
      return decimalFromColumn(family, column.scale ?? 0, String(value));
    case 'boolean':
      return Boolean(value);
    case 'integer':
      return Number(value);
    case 'timestamp':
      return family === 'sqlite' ? String(value) : instantFromColumn(String(value));
    default:
      return String(value);
  }
}

function decimalFromColumn(family: Family, scale: number, value: string): JsonValue {
  return family === 'sqlite' ? fromScaled(BigInt(value), scale) : parseDecimal(value);
}

/** `2026-04-01T09:30:00.123Z` as databases write it, without a zone: it is UTC, here and there. */
export function instantToColumn(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 23)}`;
}

/** Databases leave off zeros at the end. */
export function instantFromColumn(value: string): string {
  return `${value.slice(0, 10)}T${value.slice(11, 19)}.${value.slice(20).padEnd(3, '0').slice(0, 3)}Z`;
}
