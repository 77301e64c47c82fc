'use strict';
var __spreadArray =
  (this && this.__spreadArray) ||
  function (to, from, pack) {
    if (pack || arguments.length === 2)
      for (var i = 0, l = from.length, ar; i < l; i++) {
        if (ar || !(i in from)) {
          if (!ar) ar = Array.prototype.slice.call(from, 0, i);
          ar[i] = from[i];
        }
      }
    return to.concat(ar || Array.prototype.slice.call(from));
  };
Object.defineProperty(exports, '__esModule', { value: true });
exports.createTable = createTable;
exports.addColumn = addColumn;
exports.suffix = suffix;
exports.fieldType = fieldType;
exports.createView = createView;
var table_ts_1 = require('../table.ts');
/** A row of a MySQL or MariaDB table holds 64 KiB outside of its long texts. */
var LONGEST_VARCHAR = 255;
var LONGEST_ENUM = 100;
var LONGEST_REFERENCE = 128;
/** The statement that makes a dataset's table. `collation` is the server's bytewise one, where a table names it. */
function createTable(_a, family, collation) {
  var table = _a.table,
    fields = _a.fields;
  var types = new Map(
    fields.map(function (field) {
      return [field.name, fieldType(field.type, family)];
    }),
  );
  var columns = table.columns.map(function (column) {
    var _a;
    var isKey = table.key.includes(column.name);
    var type = (_a = types.get(column.name)) !== null && _a !== void 0 ? _a : ownType(column, family);
    return ''
      .concat((0, table_ts_1.quoted)(column.name), ' ')
      .concat(type)
      .concat(isKey || isOurs(column, types) ? ' not null' : ' null');
  });
  var key = 'primary key ('.concat(table.key.map(table_ts_1.quoted).join(', '), ')');
  return 'create table if not exists '
    .concat((0, table_ts_1.quoted)(table.name), ' (')
    .concat(__spreadArray(__spreadArray([], columns, true), [key], false).join(', '), ')')
    .concat(suffix(family, collation));
}
/** Fields may be null whatever the declaration says: an older event did not know what is required today. */
function isOurs(_a, types) {
  var name = _a.name;
  return !types.has(name) && name !== 'deleted_at';
}
function addColumn(tableName, field, family) {
  return 'alter table '
    .concat((0, table_ts_1.quoted)(tableName), ' add column ')
    .concat((0, table_ts_1.quoted)(field.name), ' ')
    .concat(fieldType(field.type, family), ' null');
}
function suffix(family, collation) {
  if (family === 'sqlite') return ' strict';
  return family === 'postgresql'
    ? ''
    : ' engine = InnoDB default character set utf8mb4 collate '.concat(collation);
}
function ownType(column, family) {
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
function fieldType(type, family) {
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
function decimalType(precision, scale, family) {
  if (family === 'sqlite') return 'integer';
  return ''
    .concat(family === 'postgresql' ? 'numeric' : 'decimal', '(')
    .concat(precision, ', ')
    .concat(scale, ')');
}
function textType(maxLength, family) {
  if (family === 'sqlite') return 'text';
  if (family === 'postgresql') return 'text collate "C"';
  return maxLength !== null && maxLength <= LONGEST_VARCHAR ? 'varchar('.concat(maxLength, ')') : 'longtext';
}
/** SQLite keeps decimals as scaled integers; the view shows them, and flags, as people expect. */
function createView(_a) {
  var table = _a.table;
  var view = (0, table_ts_1.quoted)(''.concat(table.name, '_view'));
  var columns = table.columns
    .filter(function (_a) {
      var name = _a.name;
      return name !== 'entity_state';
    })
    .map(shown);
  return [
    'drop view if exists '.concat(view),
    'create view '
      .concat(view, ' as select ')
      .concat(columns.join(', '), ' from ')
      .concat((0, table_ts_1.quoted)(table.name)),
  ];
}
function shown(_a) {
  var name = _a.name,
    kind = _a.kind,
    _b = _a.scale,
    scale = _b === void 0 ? 0 : _b;
  if (kind !== 'decimal') return (0, table_ts_1.quoted)(name);
  var _c = [(0, table_ts_1.quoted)(name), Math.pow(10n, BigInt(scale))],
    column = _c[0],
    unit = _c[1];
  var fraction =
    scale === 0
      ? ''
      : " || '.' || printf('%0".concat(scale, "d', abs(").concat(column, ' % ').concat(unit, '))');
  var sign = 'case when '.concat(column, " < 0 then '-' else '' end");
  return ''
    .concat(sign, " || printf('%d', abs(")
    .concat(column, ' / ')
    .concat(unit, '))')
    .concat(fraction, ' as ')
    .concat(column);
}
