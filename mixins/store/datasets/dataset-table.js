'use strict';
var __assign =
  (this && this.__assign) ||
  function () {
    __assign =
      Object.assign ||
      function (t) {
        for (var s, i = 1, n = arguments.length; i < n; i++) {
          s = arguments[i];
          for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p)) t[p] = s[p];
        }
        return t;
      };
    return __assign.apply(this, arguments);
  };
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
exports.datasetTable = datasetTable;
var errors_ts_1 = require('../../../domain/errors.ts');
var FIXED_TABLES = new Set([
  'conflict_case',
  'digest',
  'displaced_event',
  'entity',
  'event',
  'log',
  'migration',
  'office',
  'waiting',
]);
var BEFORE = [
  { name: 'scope', kind: 'text' },
  { name: 'entity_id', kind: 'text' },
  { name: 'entity_state', kind: 'text' },
];
var BEHIND = [
  { name: 'created_at', kind: 'timestamp' },
  { name: 'updated_at', kind: 'timestamp' },
  { name: 'deleted_at', kind: 'timestamp' },
  { name: 'conflicted', kind: 'boolean' },
];
var OWN_NAMES = new Set(
  __spreadArray(__spreadArray([], BEFORE, true), BEHIND, true).map(function (_a) {
    var name = _a.name;
    return name;
  }),
);
/** @throws DomainError `invalid-dataset` when a name is taken */
function datasetTable(dataset) {
  var types = __spreadArray(
    __spreadArray([], Object.entries(dataset.fields), true),
    Object.entries(dataset.computed).map(function (_a) {
      var name = _a[0],
        type = _a[1].type;
      return [name, type];
    }),
    true,
  );
  var fields = types.map(function (_a) {
    var field = _a[0],
      type = _a[1];
    return fieldColumn(field, type);
  });
  var taken = fields.find(function (_a) {
    var name = _a.name;
    return OWN_NAMES.has(name);
  });
  if (taken) throw nameTaken(dataset, 'the column "'.concat(taken.name, '" is in every table'));
  if (FIXED_TABLES.has(dataset.name)) throw nameTaken(dataset, 'the store has a table of this name');
  var columns = __spreadArray(__spreadArray(__spreadArray([], BEFORE, true), fields, true), BEHIND, true);
  return {
    dataset: dataset,
    fields: fields,
    table: { name: dataset.name, key: ['scope', 'entity_id'], columns: columns },
  };
}
function nameTaken(_a, problem) {
  var name = _a.name;
  return new errors_ts_1.DomainError(
    'invalid-dataset',
    'The dataset "'.concat(name, '" cannot be stored: ').concat(problem),
    {
      problems: [problem],
    },
  );
}
function fieldColumn(field, type) {
  var name = snakeCase(field);
  var column = { field: field, type: type, name: name, kind: kindOf(type) };
  return type.kind === 'decimal' ? __assign(__assign({}, column), { scale: type.scale }) : column;
}
/** `soldOn` becomes `sold_on`: databases fold the case of names. */
function snakeCase(field) {
  return field.replace(/[A-Z]/g, function (letter) {
    return '_'.concat(letter.toLowerCase());
  });
}
function kindOf(type) {
  return type.kind === 'enum' || type.kind === 'reference' ? 'text' : type.kind;
}
