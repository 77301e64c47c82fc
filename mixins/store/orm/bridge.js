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
var __await =
  (this && this.__await) ||
  function (v) {
    return this instanceof __await ? ((this.v = v), this) : new __await(v);
  };
var __asyncGenerator =
  (this && this.__asyncGenerator) ||
  function (thisArg, _arguments, generator) {
    if (!Symbol.asyncIterator) throw new TypeError('Symbol.asyncIterator is not defined.');
    var g = generator.apply(thisArg, _arguments || []),
      i,
      q = [];
    return (
      (i = Object.create((typeof AsyncIterator === 'function' ? AsyncIterator : Object).prototype)),
      verb('next'),
      verb('throw'),
      verb('return', awaitReturn),
      (i[Symbol.asyncIterator] = function () {
        return this;
      }),
      i
    );
    function awaitReturn(f) {
      return function (v) {
        return Promise.resolve(v).then(f, reject);
      };
    }
    function verb(n, f) {
      if (g[n]) {
        i[n] = function (v) {
          return new Promise(function (a, b) {
            q.push([n, v, a, b]) > 1 || resume(n, v);
          });
        };
        if (f) i[n] = f(i[n]);
      }
    }
    function resume(n, v) {
      try {
        step(g[n](v));
      } catch (e) {
        settle(q[0][3], e);
      }
    }
    function step(r) {
      r.value instanceof __await ? Promise.resolve(r.value.v).then(fulfill, reject) : settle(q[0][2], r);
    }
    function fulfill(value) {
      resume('next', value);
    }
    function reject(value) {
      resume('throw', value);
    }
    function settle(f, v) {
      if ((f(v), q.shift(), q.length)) resume(q[0][0], q[0][1]);
    }
  };
Object.defineProperty(exports, '__esModule', { value: true });
exports.bridgeDialect = bridgeDialect;
exports.bridgeTransaction = bridgeTransaction;
var kysely_1 = require('kysely');
/**
 * Lets MikroORM ask through the store's own connections, so that there is one pool, one set of connection
 * settings, and one writer. Transactions belong to the store: MikroORM only ever joins one, or reads.
 */
function bridgeDialect(family, sql) {
  var parts = PARTS[family];
  return {
    createAdapter: function () {
      return new parts.Adapter();
    },
    createIntrospector: function (db) {
      return new parts.Introspector(db);
    },
    createQueryCompiler: function () {
      return new parts.Compiler();
    },
    createDriver: function () {
      return bridgeDriver(sql);
    },
  };
}
var POSTGRES = {
  Adapter: kysely_1.PostgresAdapter,
  Introspector: kysely_1.PostgresIntrospector,
  Compiler: kysely_1.PostgresQueryCompiler,
};
var MYSQL = {
  Adapter: kysely_1.MysqlAdapter,
  Introspector: kysely_1.MysqlIntrospector,
  Compiler: kysely_1.MysqlQueryCompiler,
};
var PARTS = {
  sqlite: {
    Adapter: kysely_1.SqliteAdapter,
    Introspector: kysely_1.SqliteIntrospector,
    Compiler: kysely_1.SqliteQueryCompiler,
  },
  postgresql: POSTGRES,
  mariadb: MYSQL,
  mysql: MYSQL,
};
function bridgeDriver(sql) {
  var _this = this;
  var ownTransactions = function () {
    return __awaiter(_this, void 0, void 0, function () {
      return __generator(this, function (_a) {
        throw new Error('Transactions belong to the store: use Store.transaction');
      });
    });
  };
  return {
    init: function () {
      return __awaiter(_this, void 0, void 0, function () {
        return __generator(this, function (_a) {
          return [2 /*return*/];
        });
      });
    },
    acquireConnection: function () {
      return __awaiter(_this, void 0, void 0, function () {
        return __generator(this, function (_a) {
          return [2 /*return*/, connectionOf(sql())];
        });
      });
    },
    beginTransaction: ownTransactions,
    commitTransaction: ownTransactions,
    rollbackTransaction: ownTransactions,
    releaseConnection: function () {
      return __awaiter(_this, void 0, void 0, function () {
        return __generator(this, function (_a) {
          return [2 /*return*/];
        });
      });
    },
    destroy: function () {
      return __awaiter(_this, void 0, void 0, function () {
        return __generator(this, function (_a) {
          return [2 /*return*/];
        });
      });
    },
  };
}
function connectionOf(sql) {
  return {
    executeQuery: function (query) {
      return __awaiter(this, void 0, void 0, function () {
        var _a, rows, changed;
        return __generator(this, function (_b) {
          switch (_b.label) {
            case 0:
              return [4 /*yield*/, sql.script(query.sql)];
            case 1:
              ((_a = _b.sent()), (rows = _a.rows), (changed = _a.changed));
              return [2 /*return*/, { rows: rows, numAffectedRows: BigInt(changed) }];
          }
        });
      });
    },
    streamQuery: function () {
      return __asyncGenerator(this, arguments, function streamQuery_1() {
        return __generator(this, function (_a) {
          throw new Error('Streams are not used');
        });
      });
    },
  };
}
/** A Kysely on the one connection of a transaction: what MikroORM takes for a transaction under way. */
function bridgeTransaction(family, sql) {
  return new kysely_1.Kysely({
    dialect: bridgeDialect(family, function () {
      return sql;
    }),
  });
}
