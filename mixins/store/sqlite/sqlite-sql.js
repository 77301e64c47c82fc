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
var __classPrivateFieldSet =
  (this && this.__classPrivateFieldSet) ||
  function (receiver, state, value, kind, f) {
    if (kind === 'm') throw new TypeError('Private method is not writable');
    if (kind === 'a' && !f) throw new TypeError('Private accessor was defined without a setter');
    if (typeof state === 'function' ? receiver !== state || !f : !state.has(receiver))
      throw new TypeError('Cannot write private member to an object whose class did not declare it');
    return (
      kind === 'a' ? f.call(receiver, value) : f ? (f.value = value) : state.set(receiver, value),
      value
    );
  };
var __classPrivateFieldGet =
  (this && this.__classPrivateFieldGet) ||
  function (receiver, state, kind, f) {
    if (kind === 'a' && !f) throw new TypeError('Private accessor was defined without a getter');
    if (typeof state === 'function' ? receiver !== state || !f : !state.has(receiver))
      throw new TypeError('Cannot read private member from an object whose class did not declare it');
    return kind === 'm' ? f : kind === 'a' ? f.call(receiver) : f ? f.value : state.get(receiver);
  };
var _SqliteSql_instances,
  _SqliteSql_db,
  _SqliteSql_prepared,
  _SqliteSql_atOnce,
  _SqliteSql_runEach,
  _SqliteSql_prepare;
Object.defineProperty(exports, '__esModule', { value: true });
exports.SqliteSql = void 0;
var table_ts_1 = require('../table.ts');
/** Statements that are kept prepared; a program asks for far fewer. */
var MAX_PREPARED = 500;
var READS = /^\s*(select|pragma|explain|with|values)\b/i;
/** node:sqlite with statements kept prepared. Synchronous inside: each call is over when it returns. */
var SqliteSql = /** @class */ (function () {
  function SqliteSql(db) {
    _SqliteSql_instances.add(this);
    this.family = 'sqlite';
    _SqliteSql_db.set(this, void 0);
    _SqliteSql_prepared.set(this, new Map());
    __classPrivateFieldSet(this, _SqliteSql_db, db, 'f');
  }
  SqliteSql.prototype.all = function (text_1) {
    return __awaiter(this, arguments, void 0, function (text, values) {
      var _a;
      if (values === void 0) {
        values = [];
      }
      return __generator(this, function (_b) {
        return [
          2 /*return*/,
          (_a = __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_prepare).call(
            this,
            text,
          )).all.apply(_a, values.map(bindable)),
        ];
      });
    });
  };
  SqliteSql.prototype.run = function (text_1) {
    return __awaiter(this, arguments, void 0, function (text, values) {
      var _a;
      if (values === void 0) {
        values = [];
      }
      return __generator(this, function (_b) {
        (_a = __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_prepare).call(
          this,
          text,
        )).run.apply(_a, values.map(bindable));
        return [2 /*return*/];
      });
    });
  };
  SqliteSql.prototype.insert = function (table, rows) {
    return __awaiter(this, void 0, void 0, function () {
      return __generator(this, function (_a) {
        __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_runEach).call(
          this,
          insertText(table),
          rows,
        );
        return [2 /*return*/];
      });
    });
  };
  SqliteSql.prototype.upsert = function (table, rows) {
    return __awaiter(this, void 0, void 0, function () {
      return __generator(this, function (_a) {
        __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_runEach).call(
          this,
          upsertText(table),
          rows,
        );
        return [2 /*return*/];
      });
    });
  };
  SqliteSql.prototype.find = function (lookup, keys) {
    return __awaiter(this, void 0, void 0, function () {
      var statement;
      return __generator(this, function (_a) {
        statement = __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_prepare).call(
          this,
          'select '
            .concat(lookup.select, ' from ')
            .concat((0, table_ts_1.quoted)(lookup.table), ' where ')
            .concat(condition(lookup.key)),
        );
        return [
          2 /*return*/,
          __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_atOnce).call(
            this,
            keys.length,
            function () {
              return keys.flatMap(function (key) {
                return statement.all.apply(statement, key.map(bindable));
              });
            },
          ),
        ];
      });
    });
  };
  SqliteSql.prototype.runByKey = function (text, key, keys) {
    return __awaiter(this, void 0, void 0, function () {
      return __generator(this, function (_a) {
        __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_runEach).call(
          this,
          ''.concat(text, ' ').concat(condition(key)),
          keys,
        );
        return [2 /*return*/];
      });
    });
  };
  SqliteSql.prototype.script = function (text) {
    return __awaiter(this, void 0, void 0, function () {
      var row;
      var _a;
      return __generator(this, function (_b) {
        switch (_b.label) {
          case 0:
            if (READS.test(text) || /\breturning\b/i.test(text)) {
              return [
                2 /*return*/,
                { rows: __classPrivateFieldGet(this, _SqliteSql_db, 'f').prepare(text).all(), changed: 0 },
              ];
            }
            __classPrivateFieldGet(this, _SqliteSql_db, 'f').exec(text);
            return [4 /*yield*/, this.all('select changes() as changed')];
          case 1:
            row = _b.sent()[0];
            return [
              2 /*return*/,
              {
                rows: [],
                changed: Number(
                  (_a = row === null || row === void 0 ? void 0 : row['changed']) !== null && _a !== void 0
                    ? _a
                    : 0,
                ),
              },
            ];
        }
      });
    });
  };
  return SqliteSql;
})();
exports.SqliteSql = SqliteSql;
((_SqliteSql_db = new WeakMap()),
  (_SqliteSql_prepared = new WeakMap()),
  (_SqliteSql_instances = new WeakSet()),
  (_SqliteSql_atOnce = function _SqliteSql_atOnce(statements, read) {
    if (statements < 2 || __classPrivateFieldGet(this, _SqliteSql_db, 'f').isTransaction) return read();
    __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_prepare).call(this, 'begin').run();
    try {
      return read();
    } finally {
      __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_prepare).call(this, 'commit').run();
    }
  }),
  (_SqliteSql_runEach = function _SqliteSql_runEach(text, rows) {
    var statement = __classPrivateFieldGet(this, _SqliteSql_instances, 'm', _SqliteSql_prepare).call(
      this,
      text,
    );
    for (var _i = 0, rows_1 = rows; _i < rows_1.length; _i++) {
      var row = rows_1[_i];
      statement.run.apply(statement, row.map(bindable));
    }
  }),
  (_SqliteSql_prepare = function _SqliteSql_prepare(text) {
    var known = __classPrivateFieldGet(this, _SqliteSql_prepared, 'f').get(text);
    if (known) return known;
    if (__classPrivateFieldGet(this, _SqliteSql_prepared, 'f').size >= MAX_PREPARED)
      __classPrivateFieldGet(this, _SqliteSql_prepared, 'f').clear();
    var statement = __classPrivateFieldGet(this, _SqliteSql_db, 'f').prepare(text);
    __classPrivateFieldGet(this, _SqliteSql_prepared, 'f').set(text, statement);
    return statement;
  }));
function bindable(value) {
  return typeof value === 'boolean' ? Number(value) : value;
}
function condition(key) {
  return key
    .map(function (_a) {
      var name = _a.name;
      return ''.concat((0, table_ts_1.quoted)(name), ' = ?');
    })
    .join(' and ');
}
function insertText(table) {
  var places = table.columns
    .map(function () {
      return '?';
    })
    .join(', ');
  return 'insert into '
    .concat((0, table_ts_1.quoted)(table.name), ' (')
    .concat((0, table_ts_1.columnList)(table), ') values (')
    .concat(places, ')');
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
