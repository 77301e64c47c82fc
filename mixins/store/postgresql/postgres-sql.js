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
var _PostgresSql_instances, _PostgresSql_ask, _PostgresSql_askMany;
Object.defineProperty(exports, '__esModule', { value: true });
exports.PostgresSql = void 0;
var postgres_text_ts_1 = require('./postgres-text.ts');
/** Statements as the server knows them, by the text they were made from: prepared once on each connection. */
var prepared = new Map();
function statement(key, write) {
  var known = prepared.get(key);
  if (known === undefined) {
    known = { name: 'branchline_'.concat(prepared.size + 1), text: write() };
    prepared.set(key, known);
  }
  return known;
}
var PostgresSql = /** @class */ (function () {
  function PostgresSql(ask) {
    _PostgresSql_instances.add(this);
    this.family = 'postgresql';
    _PostgresSql_ask.set(this, void 0);
    __classPrivateFieldSet(this, _PostgresSql_ask, ask, 'f');
  }
  PostgresSql.prototype.all = function (text_1) {
    return __awaiter(this, arguments, void 0, function (text, values) {
      var rows;
      if (values === void 0) {
        values = [];
      }
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _PostgresSql_ask, 'f').call(
                this,
                __assign(
                  __assign(
                    {},
                    statement(text, function () {
                      return (0, postgres_text_ts_1.numbered)(text);
                    }),
                  ),
                  { values: __spreadArray([], values, true) },
                ),
              ),
            ];
          case 1:
            rows = _a.sent().rows;
            return [2 /*return*/, rows];
        }
      });
    });
  };
  PostgresSql.prototype.run = function (text_1) {
    return __awaiter(this, arguments, void 0, function (text, values) {
      if (values === void 0) {
        values = [];
      }
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [4 /*yield*/, this.all(text, values)];
          case 1:
            _a.sent();
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresSql.prototype.insert = function (table, rows) {
    return __awaiter(this, void 0, void 0, function () {
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _PostgresSql_instances, 'm', _PostgresSql_askMany).call(
                this,
                'insert '.concat(table.name),
                function () {
                  return (0, postgres_text_ts_1.insertText)(table);
                },
                rows,
              ),
            ];
          case 1:
            _a.sent();
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresSql.prototype.upsert = function (table, rows) {
    return __awaiter(this, void 0, void 0, function () {
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _PostgresSql_instances, 'm', _PostgresSql_askMany).call(
                this,
                'upsert '.concat(table.name),
                function () {
                  return (0, postgres_text_ts_1.upsertText)(table);
                },
                rows,
              ),
            ];
          case 1:
            _a.sent();
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresSql.prototype.find = function (lookup, keys) {
    return __awaiter(this, void 0, void 0, function () {
      var table, select, key, lock, name;
      return __generator(this, function (_a) {
        ((table = lookup.table), (select = lookup.select), (key = lookup.key), (lock = lookup.lock));
        name = 'find '
          .concat(table, ' ')
          .concat(select, ' ')
          .concat(
            key
              .map(function (column) {
                return column.name;
              })
              .join(),
            ' ',
          )
          .concat(Boolean(lock));
        return [
          2 /*return*/,
          __classPrivateFieldGet(this, _PostgresSql_instances, 'm', _PostgresSql_askMany).call(
            this,
            name,
            function () {
              return (0, postgres_text_ts_1.findText)(lookup);
            },
            keys,
          ),
        ];
      });
    });
  };
  PostgresSql.prototype.runByKey = function (text, key, keys) {
    return __awaiter(this, void 0, void 0, function () {
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _PostgresSql_instances, 'm', _PostgresSql_askMany).call(
                this,
                text,
                function () {
                  return (0, postgres_text_ts_1.byKeyText)(text, key);
                },
                keys,
              ),
            ];
          case 1:
            _a.sent();
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresSql.prototype.script = function (text) {
    return __awaiter(this, void 0, void 0, function () {
      var result;
      var _a, _b;
      return __generator(this, function (_c) {
        switch (_c.label) {
          case 0:
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _PostgresSql_ask, 'f').call(this, { text: text }),
            ];
          case 1:
            result = _c.sent();
            return [
              2 /*return*/,
              {
                rows: (_a = result.rows) !== null && _a !== void 0 ? _a : [],
                changed: (_b = result.rowCount) !== null && _b !== void 0 ? _b : 0,
              },
            ];
        }
      });
    });
  };
  return PostgresSql;
})();
exports.PostgresSql = PostgresSql;
((_PostgresSql_ask = new WeakMap()),
  (_PostgresSql_instances = new WeakSet()),
  (_PostgresSql_askMany = function _PostgresSql_askMany(key, write, rows) {
    return __awaiter(this, void 0, void 0, function () {
      var first, columns;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            first = rows[0];
            if (first === undefined) return [2 /*return*/, []];
            columns = first.map(function (_, index) {
              return rows.map(function (row) {
                return row[index];
              });
            });
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _PostgresSql_ask, 'f').call(
                this,
                __assign(__assign({}, statement(key, write)), { values: columns }),
              ),
            ];
          case 1:
            return [2 /*return*/, _a.sent().rows];
        }
      });
    });
  }));
