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
var _StoreOrm_family, _StoreOrm_orm, _StoreOrm_sql;
Object.defineProperty(exports, '__esModule', { value: true });
exports.StoreOrm = void 0;
exports.ormOptions = ormOptions;
var core_1 = require('@mikro-orm/core');
var migrations_1 = require('@mikro-orm/migrations');
var bridge_ts_1 = require('./bridge.ts');
var entities_ts_1 = require('./entities.ts');
var families_ts_1 = require('./families.ts');
/** MikroORM on the store's connections: for migrations, and for ordinary reads. */
var StoreOrm = /** @class */ (function () {
  function StoreOrm(family) {
    _StoreOrm_family.set(this, void 0);
    _StoreOrm_orm.set(this, null);
    /** Where MikroORM's queries go: the connection that changes the schema at first, those that read afterwards. */
    _StoreOrm_sql.set(this, null);
    __classPrivateFieldSet(this, _StoreOrm_family, family, 'f');
    this.entities = (0, entities_ts_1.entitiesOf)(family);
  }
  StoreOrm.prototype.init = function (databaseName) {
    return __awaiter(this, void 0, void 0, function () {
      var source, _a, _b, _c, _d;
      var _this = this;
      return __generator(this, function (_e) {
        switch (_e.label) {
          case 0:
            source = function () {
              if (__classPrivateFieldGet(_this, _StoreOrm_sql, 'f') === null)
                throw new Error('The store is not open');
              return __classPrivateFieldGet(_this, _StoreOrm_sql, 'f');
            };
            _a = [this, _StoreOrm_orm];
            _c = (_b = core_1.MikroORM).init;
            _d = [{}];
            return [
              4 /*yield*/,
              ormOptions(__classPrivateFieldGet(this, _StoreOrm_family, 'f'), this.entities),
            ];
          case 1:
            return [
              4 /*yield*/,
              _c.apply(_b, [
                __assign.apply(void 0, [
                  __assign.apply(void 0, _d.concat([_e.sent()])),
                  {
                    dbName: databaseName,
                    driverOptions: (0, bridge_ts_1.bridgeDialect)(
                      __classPrivateFieldGet(this, _StoreOrm_family, 'f'),
                      source,
                    ),
                  },
                ]),
              ]),
            ];
          case 2:
            __classPrivateFieldSet.apply(void 0, _a.concat([_e.sent(), 'f']));
            return [2 /*return*/];
        }
      });
    });
  };
  StoreOrm.prototype.use = function (sql) {
    __classPrivateFieldSet(this, _StoreOrm_sql, sql, 'f');
  };
  Object.defineProperty(StoreOrm.prototype, 'orm', {
    get: function () {
      if (__classPrivateFieldGet(this, _StoreOrm_orm, 'f') === null) throw new Error('The store is not open');
      return __classPrivateFieldGet(this, _StoreOrm_orm, 'f');
    },
    enumerable: false,
    configurable: true,
  });
  /** For one read, or for those of one transaction. Keeps no entities: a store's rows change under it. */
  StoreOrm.prototype.entityManager = function (transaction) {
    var em = this.orm.em.fork({ disableTransactions: true });
    if (transaction)
      em.setTransactionContext(
        (0, bridge_ts_1.bridgeTransaction)(__classPrivateFieldGet(this, _StoreOrm_family, 'f'), transaction),
      );
    return em;
  };
  StoreOrm.prototype.close = function () {
    return __awaiter(this, void 0, void 0, function () {
      var _a;
      return __generator(this, function (_b) {
        switch (_b.label) {
          case 0:
            return [
              4 /*yield*/,
              (_a = __classPrivateFieldGet(this, _StoreOrm_orm, 'f')) === null || _a === void 0
                ? void 0
                : _a.close(),
            ];
          case 1:
            _b.sent();
            __classPrivateFieldSet(this, _StoreOrm_orm, null, 'f');
            return [2 /*return*/];
        }
      });
    });
  };
  return StoreOrm;
})();
exports.StoreOrm = StoreOrm;
((_StoreOrm_family = new WeakMap()), (_StoreOrm_orm = new WeakMap()), (_StoreOrm_sql = new WeakMap()));
/** What the store and MikroORM's own tools have in common. */
function ormOptions(family_1) {
  return __awaiter(this, arguments, void 0, function (family, entities) {
    var _a;
    var _b, _c;
    if (entities === void 0) {
      entities = (0, entities_ts_1.entitiesOf)(family);
    }
    return __generator(this, function (_d) {
      switch (_d.label) {
        case 0:
          _b = {};
          return [4 /*yield*/, (0, families_ts_1.driverOf)(family)];
        case 1:
          ((_b.driver = _d.sent()),
            (_b.entities = Object.values(entities)),
            (_b.extensions = [migrations_1.Migrator]),
            (_b.debug = false),
            (_b.ensureDatabase = false));
          _c = {
            tableName: 'migration',
            path: 'migrations/'.concat(family === 'mysql' ? 'mariadb' : family),
          };
          _a = [[]];
          return [4 /*yield*/, (0, families_ts_1.migrationsOf)(family)];
        case 2:
          return [
            2 /*return*/,
            ((_b.migrations =
              ((_c.migrationsList = __spreadArray.apply(void 0, _a.concat([_d.sent(), true]))),
              (_c.transactional = false),
              (_c.disableForeignKeys = false),
              (_c.snapshot = false),
              (_c.silent = true),
              _c)),
            (_b.schemaGenerator = { disableForeignKeys: false }),
            _b),
          ];
      }
    });
  });
}
