'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.toColumn = toColumn;
exports.readAs = readAs;
exports.fromColumn = fromColumn;
exports.instantToColumn = instantToColumn;
exports.instantFromColumn = instantFromColumn;
var decimal_ts_1 = require('../../../domain/decimal.ts');
var table_ts_1 = require('../table.ts');
/** A JSON value as the column takes it. Exact on every family: no floats, no time zones. */
function toColumn(family, column, value) {
  var _a;
  if (value === null) return null;
  if (column.kind === 'decimal' && family === 'sqlite')
    return (0, decimal_ts_1.toScaled)(String(value), (_a = column.scale) !== null && _a !== void 0 ? _a : 0);
  if (column.kind === 'timestamp' && family !== 'sqlite') return instantToColumn(String(value));
  return value;
}
/** How a column is read, so that `fromColumn` finds text for decimals: 64-bit integers are no JavaScript numbers. */
function readAs(family, column) {
  var name = (0, table_ts_1.quoted)(column.name);
  return column.kind === 'decimal' && family === 'sqlite'
    ? 'cast('.concat(name, ' as text) as ').concat(name)
    : name;
}
function fromColumn(family, column, value) {
  var _a;
  if (value === null || value === undefined) return null;
  switch (column.kind) {
    case 'decimal':
      return decimalFromColumn(family, (_a = column.scale) !== null && _a !== void 0 ? _a : 0, String(value));
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
function decimalFromColumn(family, scale, value) {
  return family === 'sqlite'
    ? (0, decimal_ts_1.fromScaled)(BigInt(value), scale)
    : (0, decimal_ts_1.parseDecimal)(value);
}
/** `2026-04-01T09:30:00.123Z` as databases write it, without a zone: it is UTC, here and there. */
function instantToColumn(instant) {
  return ''.concat(instant.slice(0, 10), ' ').concat(instant.slice(11, 23));
}
/** Databases leave off zeros at the end. */
function instantFromColumn(value) {
  return ''
    .concat(value.slice(0, 10), 'T')
    .concat(value.slice(11, 19), '.')
    .concat(value.slice(20).padEnd(3, '0').slice(0, 3), 'Z');
}
