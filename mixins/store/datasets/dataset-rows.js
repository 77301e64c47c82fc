'use strict';
var __awaiter =
  (this && this.__awaiter) ||
  function (thisArg, _arguments, P, generator) {
    function adopt(value) {
      return value instanceof P
        ? value
        : new P(function (resolve) {
            resolve(value);
          });
    }
    return new (P || (P = Promise))(function (resolve, reject) {
      function fulfilled(value) {
        try {
          step(generator.next(value));
        } catch (e) {
          reject(e);
        }
      }
      function rejected(value) {
        try {
          step(generator['throw'](value));
        } catch (e) {
          reject(e);
        }
      }
      function step(result) {
        result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
      }
      step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
  };
var __generator =
  (this && this.__generator) ||
  function (thisArg, body) {
    var _ = {
        label: 0,
        sent: function () {
          if (t[0] & 1) throw t[1];
          return t[1];
        },
        trys: [],
        ops: [],
      },
      f,
      y,
      t,
      g = Object.create((typeof Iterator === 'function' ? Iterator : Object).prototype);
    return (
      (g.next = verb(0)),
      (g['throw'] = verb(1)),
      (g['return'] = verb(2)),
      typeof Symbol === 'function' &&
        (g[Symbol.iterator] = function () {
          return this;
        }),
      g
    );
    function verb(n) {
      return function (v) {
        return step([n, v]);
      };
    }
    function step(op) {
      if (f) throw new TypeError('Generator is already executing.');
      while ((g && ((g = 0), op[0] && (_ = 0)), _))
        try {
          if (
            ((f = 1),
            y &&
              (t =
                op[0] & 2
                  ? y['return']
                  : op[0]
                    ? y['throw'] || ((t = y['return']) && t.call(y), 0)
                    : y.next) &&
              !(t = t.call(y, op[1])).done)
          )
            return t;
          if (((y = 0), t)) op = [op[0] & 2, t.value];
          switch (op[0]) {
            case 0:
            case 1:
              t = op;
              break;
            case 4:
              _.label++;
              return { value: op[1], done: false };
            case 5:
              _.label++;
              y = op[1];
              op = [0];
              continue;
            case 7:
              op = _.ops.pop();
              _.trys.pop();
              continue;
            default:
              if (!((t = _.trys), (t = t.length > 0 && t[t.length - 1])) && (op[0] === 6 || op[0] === 2)) {
                _ = 0;
                continue;
              }
              if (op[0] === 3 && (!t || (op[1] > t[0] && op[1] < t[3]))) {
                _.label = op[1];
                break;
              }
              if (op[0] === 6 && _.label < t[1]) {
                _.label = t[1];
                t = op;
                break;
              }
              if (t && _.label < t[2]) {
                _.label = t[2];
                _.ops.push(op);
                break;
              }
              if (t[2]) _.ops.pop();
              _.trys.pop();
              continue;
          }
          op = body.call(thisArg, _);
        } catch (e) {
          op = [6, e];
          y = 0;
        } finally {
          f = t = 0;
        }
      if (op[0] & 5) throw op[1];
      return { value: op[0] ? op[1] : void 0, done: true };
    }
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
exports.rows = rows;
exports.rowsById = rowsById;
exports.countRows = countRows;
exports.sumRows = sumRows;
exports.rowValues = rowValues;
var errors_ts_1 = require('../../../domain/errors.ts');
var decimal_ts_1 = require('../../../domain/decimal.ts');
var read_value_ts_1 = require('../rows/read-value.ts');
var table_ts_1 = require('../table.ts');
var dataset_value_ts_1 = require('./dataset-value.ts');
/** `rowsById` is for finding the scope of an id; more than this share no id by accident. */
var MOST_SCOPES = 100;
function rows(sql, of, query) {
  return __awaiter(this, void 0, void 0, function () {
    var filter, found;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          filter = both(filterCondition(sql.family, of, query), afterCondition(query));
          return [
            4 /*yield*/,
            sql.all(
              ''
                .concat(select(sql.family, of), ' where ')
                .concat(filter.text, ' order by scope, entity_id limit ?'),
              __spreadArray(__spreadArray([], filter.values, true), [query.limit], false),
            ),
          ];
        case 1:
          found = _a.sent();
          return [
            2 /*return*/,
            found.map(function (row) {
              return rowOf(sql.family, of, row);
            }),
          ];
      }
    });
  });
}
/** Scope by scope, each by a seek: the key begins with the scope. */
function rowsById(sql, of, entityId) {
  return __awaiter(this, void 0, void 0, function () {
    var name, scopes, found;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          name = (0, table_ts_1.quoted)(of.table.name);
          scopes =
            'with recursive s(scope) as (select min(scope) from '.concat(name, ' union all ') +
            'select (select min(scope) from '.concat(
              name,
              ' where scope > s.scope) from s where s.scope is not null)',
            );
          return [
            4 /*yield*/,
            sql.all(
              ''
                .concat(scopes, ' ')
                .concat(
                  select(sql.family, of),
                  ' where entity_id = ? and scope in (select scope from s where scope is not null) ',
                ) + 'order by scope limit '.concat(MOST_SCOPES),
              [entityId],
            ),
          ];
        case 1:
          found = _a.sent();
          return [
            2 /*return*/,
            found.map(function (row) {
              return rowOf(sql.family, of, row);
            }),
          ];
      }
    });
  });
}
function countRows(sql, of, filter) {
  return __awaiter(this, void 0, void 0, function () {
    var _a, where, values, row;
    return __generator(this, function (_b) {
      switch (_b.label) {
        case 0:
          ((_a = filterCondition(sql.family, of, filter)), (where = _a.text), (values = _a.values));
          return [
            4 /*yield*/,
            sql.all(
              'select count(*) as n from '
                .concat((0, table_ts_1.quoted)(of.table.name), ' where ')
                .concat(where),
              values,
            ),
          ];
        case 1:
          row = _b.sent()[0];
          return [2 /*return*/, (0, read_value_ts_1.integer)(row !== null && row !== void 0 ? row : {}, 'n')];
      }
    });
  });
}
/**
 * Exact, whatever the number of rows. SQLite's sum() of integers fails beyond 64 bits, so the digits above and
 * below 10^9 are summed apart: each has room for a thousand million rows.
 */
function sumRows(sql, of, field, filter) {
  return __awaiter(this, void 0, void 0, function () {
    var column, _a, where, values, from, name, kind, row_1, part, row, total;
    var _b, _c;
    return __generator(this, function (_d) {
      switch (_d.label) {
        case 0:
          column = numericColumn(of, field);
          ((_a = filterCondition(sql.family, of, filter)), (where = _a.text), (values = _a.values));
          from = 'from '.concat((0, table_ts_1.quoted)(of.table.name), ' where ').concat(where);
          name = (0, table_ts_1.quoted)(column.name);
          if (!(sql.family !== 'sqlite')) return [3 /*break*/, 2];
          kind = sql.family === 'postgresql' ? 'text' : 'char';
          return [
            4 /*yield*/,
            sql.all(
              'select cast(coalesce(sum('.concat(name, '), 0) as ').concat(kind, ') as total ').concat(from),
              values,
            ),
          ];
        case 1:
          row_1 = _d.sent()[0];
          return [
            2 /*return*/,
            (_b = (0, decimal_ts_1.parseDecimal)(
              (0, read_value_ts_1.text)(row_1 !== null && row_1 !== void 0 ? row_1 : {}, 'total'),
            )) !== null && _b !== void 0
              ? _b
              : '0',
          ];
        case 2:
          part = function (expression) {
            return 'cast(coalesce(sum('.concat(expression, '), 0) as text)');
          };
          return [
            4 /*yield*/,
            sql.all(
              'select '
                .concat(part(''.concat(name, ' / 1000000000')), ' as high, ')
                .concat(part(''.concat(name, ' % 1000000000')), ' as low ')
                .concat(from),
              values,
            ),
          ];
        case 3:
          row = _d.sent()[0];
          total =
            BigInt((0, read_value_ts_1.text)(row !== null && row !== void 0 ? row : {}, 'high')) *
              1000000000n +
            BigInt((0, read_value_ts_1.text)(row !== null && row !== void 0 ? row : {}, 'low'));
          return [
            2 /*return*/,
            (0, decimal_ts_1.fromScaled)(total, (_c = column.scale) !== null && _c !== void 0 ? _c : 0),
          ];
      }
    });
  });
}
function numericColumn(of, field) {
  var column = fieldColumn(of, field);
  if (column.kind === 'decimal' || column.kind === 'integer') return column;
  throw new errors_ts_1.DomainError(
    'unknown-field',
    '"'.concat(field, '" of ').concat(of.dataset.name, ' is no number'),
    { field: field },
  );
}
function fieldColumn(of, field) {
  var column = of.fields.find(function (one) {
    return one.field === field;
  });
  if (column) return column;
  throw new errors_ts_1.DomainError(
    'unknown-field',
    ''.concat(of.dataset.name, ' has no field "').concat(field, '"'),
    { field: field },
  );
}
function select(family, _a) {
  var table = _a.table,
    fields = _a.fields;
  var own = table.columns.filter(function (_a) {
    var name = _a.name;
    return !fields.some(function (field) {
      return field.name === name;
    });
  });
  var columns = own
    .filter(function (_a) {
      var name = _a.name;
      return name !== 'entity_state';
    })
    .map(function (_a) {
      var name = _a.name;
      return (0, table_ts_1.quoted)(name);
    });
  return 'select '
    .concat(
      __spreadArray(
        __spreadArray([], columns, true),
        fields.map(function (field) {
          return (0, dataset_value_ts_1.readAs)(family, field);
        }),
        true,
      ).join(', '),
      ' from ',
    )
    .concat((0, table_ts_1.quoted)(table.name));
}
function rowOf(family, _a, row) {
  var fields = _a.fields;
  var instant = function (name) {
    return (0, dataset_value_ts_1.fromColumn)(family, { name: name, kind: 'timestamp' }, row[name]);
  };
  var values = {};
  for (var _i = 0, fields_1 = fields; _i < fields_1.length; _i++) {
    var field = fields_1[_i];
    values[field.field] = (0, dataset_value_ts_1.fromColumn)(family, field, row[field.name]);
  }
  return {
    scope: (0, read_value_ts_1.text)(row, 'scope'),
    entityId: (0, read_value_ts_1.text)(row, 'entity_id'),
    values: values,
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
    deletedAt: instant('deleted_at'),
    conflicted: Boolean(row['conflicted']),
  };
}
function rowValues(family, _a, row, state) {
  var table = _a.table,
    fields = _a.fields;
  var instant = function (name, value) {
    return (0, dataset_value_ts_1.toColumn)(family, { name: name, kind: 'timestamp' }, value);
  };
  var own = {
    scope: row.scope,
    entity_id: row.entityId,
    entity_state: state,
    created_at: instant('created_at', row.createdAt),
    updated_at: instant('updated_at', row.updatedAt),
    deleted_at: instant('deleted_at', row.deletedAt),
    conflicted: row.conflicted,
  };
  var byName = new Map(
    fields.map(function (field) {
      return [field.name, field];
    }),
  );
  return table.columns.map(function (_a) {
    var _b, _c;
    var name = _a.name;
    var field = byName.get(name);
    return field
      ? (0, dataset_value_ts_1.toColumn)(
          family,
          field,
          (_b = row.values[field.field]) !== null && _b !== void 0 ? _b : null,
        )
      : (_c = own[name]) !== null && _c !== void 0
        ? _c
        : null;
  });
}
function filterCondition(family, of, filter) {
  var _a;
  var conditions = [{ text: '1 = 1', values: [] }];
  if (filter.scope !== undefined) conditions.push({ text: 'scope = ?', values: [filter.scope] });
  if (filter.deleted === 'without') conditions.push({ text: 'deleted_at is null', values: [] });
  if (filter.deleted === 'only') conditions.push({ text: 'deleted_at is not null', values: [] });
  if (filter.conflicted !== undefined)
    conditions.push({ text: 'conflicted = ?', values: [filter.conflicted] });
  for (
    var _i = 0, _b = Object.entries((_a = filter.equals) !== null && _a !== void 0 ? _a : {});
    _i < _b.length;
    _i++
  ) {
    var _c = _b[_i],
      field = _c[0],
      value = _c[1];
    conditions.push(equals(family, fieldColumn(of, field), value));
  }
  return conditions.reduce(both);
}
function equals(family, column, value) {
  var name = (0, table_ts_1.quoted)(column.name);
  if (value === null) return { text: ''.concat(name, ' is null'), values: [] };
  return { text: ''.concat(name, ' = ?'), values: [(0, dataset_value_ts_1.toColumn)(family, column, value)] };
}
function afterCondition(_a) {
  var after = _a.after,
    scope = _a.scope;
  if (after === undefined) return { text: '1 = 1', values: [] };
  if (after.scope === scope) return { text: 'entity_id > ?', values: [after.entityId] };
  var values = [after.scope, after.scope, after.entityId];
  return { text: '(scope > ? or (scope = ? and entity_id > ?))', values: values };
}
function both(a, b) {
  return {
    text: ''.concat(a.text, ' and ').concat(b.text),
    values: __spreadArray(__spreadArray([], a.values, true), b.values, true),
  };
}
