'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.insertText = insertText;
exports.upsertText = upsertText;
exports.findText = findText;
exports.byKeyText = byKeyText;
exports.numbered = numbered;
var table_ts_1 = require('../table.ts');
/**
 * Statements for many rows take one array per column: the text is the same for any number of rows, so it stays
 * prepared, and no number of rows meets the limit of 65,535 parameters.
 */
var ARRAYS = {
  integer: 'bigint[]',
  text: 'text[]',
  bytes: 'bytea[]',
  boolean: 'boolean[]',
  decimal: 'numeric[]',
  date: 'date[]',
  timestamp: 'timestamp[]',
};
function arrays(columns) {
  return columns
    .map(function (_a, index) {
      var kind = _a.kind;
      return '$'.concat(index + 1, '::').concat(ARRAYS[kind]);
    })
    .join(', ');
}
function insertText(table) {
  return 'insert into '
    .concat((0, table_ts_1.quoted)(table.name), ' (')
    .concat((0, table_ts_1.columnList)(table), ') select * from unnest(')
    .concat(arrays(table.columns), ')');
}
function upsertText(table) {
  var changes = table.columns
    .filter(function (_a) {
      var name = _a.name;
      return !table.key.includes(name);
    })
    .map(function (_a) {
      var name = _a.name;
      return ''.concat((0, table_ts_1.quoted)(name), ' = excluded.').concat((0, table_ts_1.quoted)(name));
    });
  return ''
    .concat(insertText(table), ' on conflict (')
    .concat(table.key.map(table_ts_1.quoted).join(', '), ') do update set ')
    .concat(changes.join(', '));
}
function keys(key) {
  return 'unnest('.concat(arrays(key), ') as k(').concat(
    key
      .map(function (_, index) {
        return 'k'.concat(index + 1);
      })
      .join(', '),
    ')',
  );
}
function findText(_a) {
  var table = _a.table,
    select = _a.select,
    key = _a.key,
    lock = _a.lock;
  var same = key
    .map(function (_a, index) {
      var name = _a.name;
      return 't.'.concat((0, table_ts_1.quoted)(name), ' = k.k').concat(index + 1);
    })
    .join(' and ');
  var order = key
    .map(function (_a) {
      var name = _a.name;
      return 't.'.concat((0, table_ts_1.quoted)(name));
    })
    .join(', ');
  var locked = lock ? ' order by '.concat(order, ' for update of t') : '';
  return 'select '
    .concat(select, ' from ')
    .concat((0, table_ts_1.quoted)(table), ' t join ')
    .concat(keys(key), ' on ')
    .concat(same)
    .concat(locked);
}
function byKeyText(text, key) {
  var columns = key
    .map(function (_a) {
      var name = _a.name;
      return (0, table_ts_1.quoted)(name);
    })
    .join(', ');
  var values = key
    .map(function (_, index) {
      return 'k.k'.concat(index + 1);
    })
    .join(', ');
  return ''
    .concat(text, ' (')
    .concat(columns, ') in (select ')
    .concat(values, ' from ')
    .concat(keys(key), ')');
}
/** `?` becomes `$1`, `$2`, ...: our texts hold no literals in which a question mark could stand. */
function numbered(text) {
  var number = 0;
  return text.replaceAll('?', function () {
    return '$'.concat(++number);
  });
}
