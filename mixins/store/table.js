'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.table = table;
exports.quoted = quoted;
exports.columnList = columnList;
function table(name, key, columns) {
  return {
    name: name,
    key: key,
    columns: Object.entries(columns).map(function (_a) {
      var column = _a[0],
        kind = _a[1];
      return { name: column, kind: kind };
    }),
  };
}
/** Names are ours or checked (`assertName`), so quoting is all they need. */
function quoted(name) {
  return '"'.concat(name, '"');
}
function columnList(of) {
  return of.columns
    .map(function (column) {
      return quoted(column.name);
    })
    .join(', ');
}
