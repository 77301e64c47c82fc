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
var _SqlStore_instances,
  _SqlStore_runner,
  _SqlStore_address,
  _SqlStore_owner,
  _SqlStore_tables,
  _SqlStore_orm,
  _SqlStore_sql,
  _SqlStore_prepare,
  _SqlStore_ordinary;
Object.defineProperty(exports, '__esModule', { value: true });
exports.createStore = createStore;
var database_url_ts_1 = require('./database-url.ts');
var database_of_ts_1 = require('./database-of.ts');
var dataset_table_ts_1 = require('./datasets/dataset-table.ts');
var ordinary_reads_ts_1 = require('./orm/ordinary-reads.ts');
var orm_ts_1 = require('./orm/orm.ts');
var run_transaction_ts_1 = require('./run-transaction.ts');
var schema_ts_1 = require('./schema.ts');
var store_reader_ts_1 = require('./store-reader.ts');
var store_tx_ts_1 = require('./store-tx.ts');
var retrying_sql_ts_1 = require('./retrying-sql.ts');
/** @throws DomainError `invalid-database-url`, `invalid-dataset`; all else is found out by `open` */
function createStore(options) {
  var _a, _b;
  var address = (0, database_url_ts_1.parseDatabaseUrl)(options.url);
  var _c = (0, database_of_ts_1.databaseOf)(
      address,
      (_a = options.poolSize) !== null && _a !== void 0 ? _a : 8,
    ),
    database = _c.database,
    diagnose = _c.diagnose;
  var runner = {
    database: database,
    diagnose: diagnose,
    shown: address.shown,
    failPoint: (_b = options.failPoint) !== null && _b !== void 0 ? _b : null,
  };
  var tables = new Map(
    options.datasets.map(function (dataset) {
      return [dataset.name, (0, dataset_table_ts_1.datasetTable)(dataset)];
    }),
  );
  return new SqlStore(runner, address, options, tables);
}
var SqlStore = /** @class */ (function () {
  function SqlStore(runner, address, owner, tables) {
    _SqlStore_instances.add(this);
    _SqlStore_runner.set(this, void 0);
    _SqlStore_address.set(this, void 0);
    _SqlStore_owner.set(this, void 0);
    _SqlStore_tables.set(this, void 0);
    _SqlStore_orm.set(this, void 0);
    _SqlStore_sql.set(this, void 0);
    this.family = address.family;
    __classPrivateFieldSet(this, _SqlStore_runner, runner, 'f');
    __classPrivateFieldSet(this, _SqlStore_address, address, 'f');
    __classPrivateFieldSet(this, _SqlStore_owner, owner, 'f');
    __classPrivateFieldSet(this, _SqlStore_tables, tables, 'f');
    __classPrivateFieldSet(this, _SqlStore_orm, new orm_ts_1.StoreOrm(address.family), 'f');
    __classPrivateFieldSet(this, _SqlStore_sql, (0, retrying_sql_ts_1.retryingSql)(runner), 'f');
    this.read = (0, store_reader_ts_1.storeReader)(
      __classPrivateFieldGet(this, _SqlStore_sql, 'f'),
      __classPrivateFieldGet(this, _SqlStore_instances, 'm', _SqlStore_ordinary).call(this, null),
      tables,
    );
  }
  SqlStore.prototype.open = function () {
    return __awaiter(this, void 0, void 0, function () {
      var error_1;
      var _this = this;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            _a.trys.push([0, 4, , 6]);
            return [4 /*yield*/, __classPrivateFieldGet(this, _SqlStore_runner, 'f').database.open()];
          case 1:
            _a.sent();
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _SqlStore_orm, 'f').init(
                __classPrivateFieldGet(this, _SqlStore_address, 'f').databaseName,
              ),
            ];
          case 2:
            _a.sent();
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _SqlStore_runner, 'f').database.exclusive(function (sql) {
                return __classPrivateFieldGet(_this, _SqlStore_instances, 'm', _SqlStore_prepare).call(
                  _this,
                  sql,
                );
              }),
            ];
          case 3:
            _a.sent();
            __classPrivateFieldGet(this, _SqlStore_orm, 'f').use(
              __classPrivateFieldGet(this, _SqlStore_sql, 'f'),
            );
            return [3 /*break*/, 6];
          case 4:
            error_1 = _a.sent();
            return [4 /*yield*/, this.close()];
          case 5:
            _a.sent();
            throw (0, run_transaction_ts_1.seenByCaller)(
              __classPrivateFieldGet(this, _SqlStore_runner, 'f'),
              error_1,
            );
          case 6:
            return [2 /*return*/];
        }
      });
    });
  };
  SqlStore.prototype.close = function () {
    return __awaiter(this, void 0, void 0, function () {
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [4 /*yield*/, __classPrivateFieldGet(this, _SqlStore_orm, 'f').close()];
          case 1:
            _a.sent();
            return [4 /*yield*/, __classPrivateFieldGet(this, _SqlStore_runner, 'f').database.close()];
          case 2:
            _a.sent();
            return [2 /*return*/];
        }
      });
    });
  };
  SqlStore.prototype.durability = function () {
    return __awaiter(this, void 0, void 0, function () {
      var error_2;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            _a.trys.push([0, 2, , 3]);
            return [4 /*yield*/, __classPrivateFieldGet(this, _SqlStore_runner, 'f').database.durability()];
          case 1:
            return [2 /*return*/, _a.sent()];
          case 2:
            error_2 = _a.sent();
            throw (0, run_transaction_ts_1.seenByCaller)(
              __classPrivateFieldGet(this, _SqlStore_runner, 'f'),
              error_2,
            );
          case 3:
            return [2 /*return*/];
        }
      });
    });
  };
  SqlStore.prototype.transaction = function (work) {
    return __awaiter(this, void 0, void 0, function () {
      var _this = this;
      return __generator(this, function (_a) {
        return [
          2 /*return*/,
          (0, run_transaction_ts_1.runTransaction)(
            __classPrivateFieldGet(this, _SqlStore_runner, 'f'),
            function (sql) {
              return work(
                (0, store_tx_ts_1.storeTx)(
                  sql,
                  __classPrivateFieldGet(_this, _SqlStore_instances, 'm', _SqlStore_ordinary).call(
                    _this,
                    sql,
                  ),
                  __classPrivateFieldGet(_this, _SqlStore_tables, 'f'),
                ),
              );
            },
          ),
        ];
      });
    });
  };
  return SqlStore;
})();
((_SqlStore_runner = new WeakMap()),
  (_SqlStore_address = new WeakMap()),
  (_SqlStore_owner = new WeakMap()),
  (_SqlStore_tables = new WeakMap()),
  (_SqlStore_orm = new WeakMap()),
  (_SqlStore_sql = new WeakMap()),
  (_SqlStore_instances = new WeakSet()),
  (_SqlStore_prepare = function _SqlStore_prepare(sql) {
    return __awaiter(this, void 0, void 0, function () {
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            __classPrivateFieldGet(this, _SqlStore_orm, 'f').use(sql);
            return [
              4 /*yield*/,
              (0, schema_ts_1.prepareSchema)(
                sql,
                __classPrivateFieldGet(this, _SqlStore_orm, 'f'),
                __classPrivateFieldGet(this, _SqlStore_owner, 'f'),
                __spreadArray([], __classPrivateFieldGet(this, _SqlStore_tables, 'f').values(), true),
              ),
            ];
          case 1:
            _a.sent();
            return [2 /*return*/];
        }
      });
    });
  }),
  (_SqlStore_ordinary = function _SqlStore_ordinary(transaction) {
    var _this = this;
    return new ordinary_reads_ts_1.OrdinaryReads(
      __classPrivateFieldGet(this, _SqlStore_orm, 'f').entities,
      function () {
        return __classPrivateFieldGet(_this, _SqlStore_orm, 'f').entityManager(transaction);
      },
    );
  }));
