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
var _PostgresDatabase_instances,
  _PostgresDatabase_url,
  _PostgresDatabase_poolSize,
  _PostgresDatabase_pool,
  _PostgresDatabase_opened,
  _PostgresTransaction_instances,
  _PostgresTransaction_client,
  _PostgresTransaction_ask,
  _PostgresTransaction_isBroken,
  _PostgresTransaction_isReleased,
  _PostgresTransaction_broke,
  _PostgresTransaction_send,
  _PostgresTransaction_release;
Object.defineProperty(exports, '__esModule', { value: true });
exports.PostgresDatabase = void 0;
var pg_1 = require('pg');
var in_order_ts_1 = require('../in-order.ts');
var postgres_sql_ts_1 = require('./postgres-sql.ts');
var postgres_types_ts_1 = require('./postgres-types.ts');
var CONNECT_TIMEOUT_MS = 15000;
var STATEMENT_TIMEOUT_MS = 60000;
/** For a server that does not answer at all: a little more than what it allows itself. */
var ANSWER_TIMEOUT_MS = 75000;
var LOCK_TIMEOUT_MS = 15000;
/** A process that stops inside a transaction holds the log's lock: the server ends it. */
var IDLE_TRANSACTION_TIMEOUT_MS = 60000;
/** What every connection is told first, so that nothing depends on how the server or the role is set up. */
var SESSION = [
  "set time zone 'UTC'",
  "set datestyle = 'ISO, YMD'",
  "set bytea_output = 'hex'",
  'set standard_conforming_strings = on',
  "set default_transaction_isolation = 'read committed'",
  'set default_transaction_read_only = off',
  'set statement_timeout = '.concat(STATEMENT_TIMEOUT_MS),
  'set lock_timeout = '.concat(LOCK_TIMEOUT_MS),
  'set idle_in_transaction_session_timeout = '.concat(IDLE_TRANSACTION_TIMEOUT_MS),
  // Plans made for an empty table would be kept when it has millions of rows.
  "set plan_cache_mode = 'force_custom_plan'",
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local')",
].join(';');
var SCHEMA_LOCK = "select pg_advisory_xact_lock(hashtext('branchline schema'))";
var UNHURRIED = 'set local statement_timeout = 0; set local lock_timeout = '.concat(STATEMENT_TIMEOUT_MS);
var PostgresDatabase = /** @class */ (function () {
  function PostgresDatabase(url, poolSize) {
    var _this = this;
    _PostgresDatabase_instances.add(this);
    this.family = 'postgresql';
    _PostgresDatabase_url.set(this, void 0);
    _PostgresDatabase_poolSize.set(this, void 0);
    _PostgresDatabase_pool.set(this, null);
    this.read = new postgres_sql_ts_1.PostgresSql(function (query) {
      return __classPrivateFieldGet(_this, _PostgresDatabase_instances, 'm', _PostgresDatabase_opened)
        .call(_this)
        .query(query);
    });
    __classPrivateFieldSet(this, _PostgresDatabase_url, url, 'f');
    __classPrivateFieldSet(this, _PostgresDatabase_poolSize, poolSize, 'f');
  }
  PostgresDatabase.prototype.open = function () {
    return __awaiter(this, void 0, void 0, function () {
      var _this = this;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            __classPrivateFieldSet(
              this,
              _PostgresDatabase_pool,
              new pg_1.default.Pool({
                connectionString: __classPrivateFieldGet(this, _PostgresDatabase_url, 'f'),
                application_name: 'branchline',
                max: __classPrivateFieldGet(this, _PostgresDatabase_poolSize, 'f'),
                connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
                query_timeout: ANSWER_TIMEOUT_MS,
                keepAlive: true,
                types: postgres_types_ts_1.parsers,
                onConnect: function (client) {
                  return __awaiter(_this, void 0, void 0, function () {
                    return __generator(this, function (_a) {
                      switch (_a.label) {
                        case 0:
                          return [4 /*yield*/, client.query(SESSION)];
                        case 1:
                          _a.sent();
                          return [2 /*return*/];
                      }
                    });
                  });
                },
              }),
              'f',
            );
            // A connection that breaks while it lies idle has left the pool already; without a listener it ends the process.
            __classPrivateFieldGet(this, _PostgresDatabase_pool, 'f').on('error', function () {});
            return [4 /*yield*/, this.read.script('select 1')];
          case 1:
            _a.sent();
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresDatabase.prototype.close = function () {
    return __awaiter(this, void 0, void 0, function () {
      var pool;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            pool = __classPrivateFieldGet(this, _PostgresDatabase_pool, 'f');
            __classPrivateFieldSet(this, _PostgresDatabase_pool, null, 'f');
            return [4 /*yield*/, pool === null || pool === void 0 ? void 0 : pool.end()];
          case 1:
            _a.sent();
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresDatabase.prototype.begin = function () {
    return __awaiter(this, void 0, void 0, function () {
      var transaction, _a;
      return __generator(this, function (_b) {
        switch (_b.label) {
          case 0:
            _a = PostgresTransaction.bind;
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _PostgresDatabase_instances, 'm', _PostgresDatabase_opened)
                .call(this)
                .connect(),
            ];
          case 1:
            transaction = new (_a.apply(PostgresTransaction, [void 0, _b.sent()]))();
            return [4 /*yield*/, transaction.begin()];
          case 2:
            _b.sent();
            return [2 /*return*/, transaction];
        }
      });
    });
  };
  PostgresDatabase.prototype.exclusive = function (work) {
    return __awaiter(this, void 0, void 0, function () {
      var transaction, result, error_1;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [4 /*yield*/, this.begin()];
          case 1:
            transaction = _a.sent();
            _a.label = 2;
          case 2:
            _a.trys.push([2, 7, , 9]);
            return [4 /*yield*/, transaction.sql.script(UNHURRIED)];
          case 3:
            _a.sent();
            return [4 /*yield*/, transaction.sql.script(SCHEMA_LOCK)];
          case 4:
            _a.sent();
            return [4 /*yield*/, work(transaction.sql)];
          case 5:
            result = _a.sent();
            return [4 /*yield*/, transaction.commit()];
          case 6:
            _a.sent();
            return [2 /*return*/, result];
          case 7:
            error_1 = _a.sent();
            return [4 /*yield*/, transaction.rollback()];
          case 8:
            _a.sent();
            throw error_1;
          case 9:
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresDatabase.prototype.durability = function () {
    return __awaiter(this, void 0, void 0, function () {
      var settings, names, rows;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            settings = ['fsync', 'full_page_writes', 'synchronous_commit'];
            names = settings.map(function (name) {
              return "current_setting('".concat(name, "') as ").concat(name);
            });
            return [4 /*yield*/, this.read.script('select '.concat(names.join(', ')))];
          case 1:
            rows = _a.sent().rows;
            return [
              2 /*return*/,
              settings
                .filter(function (name) {
                  var _a;
                  return ((_a = rows[0]) === null || _a === void 0 ? void 0 : _a[name]) === 'off';
                })
                .map(function (name) {
                  return ''.concat(name, ' is off on this server');
                }),
            ];
        }
      });
    });
  };
  return PostgresDatabase;
})();
exports.PostgresDatabase = PostgresDatabase;
((_PostgresDatabase_url = new WeakMap()),
  (_PostgresDatabase_poolSize = new WeakMap()),
  (_PostgresDatabase_pool = new WeakMap()),
  (_PostgresDatabase_instances = new WeakSet()),
  (_PostgresDatabase_opened = function _PostgresDatabase_opened() {
    if (__classPrivateFieldGet(this, _PostgresDatabase_pool, 'f') === null)
      throw new Error('The store is not open');
    return __classPrivateFieldGet(this, _PostgresDatabase_pool, 'f');
  }));
var PostgresTransaction = /** @class */ (function () {
  function PostgresTransaction(client) {
    var _this = this;
    _PostgresTransaction_instances.add(this);
    _PostgresTransaction_client.set(this, void 0);
    _PostgresTransaction_ask.set(this, void 0);
    _PostgresTransaction_isBroken.set(this, false);
    _PostgresTransaction_isReleased.set(this, false);
    _PostgresTransaction_broke.set(this, function () {
      __classPrivateFieldSet(_this, _PostgresTransaction_isBroken, true, 'f');
    });
    __classPrivateFieldSet(this, _PostgresTransaction_client, client, 'f');
    // Without a listener an error between two statements ends the process; the next statement reports it.
    client.on('error', __classPrivateFieldGet(this, _PostgresTransaction_broke, 'f'));
    var turns = new in_order_ts_1.InOrder();
    __classPrivateFieldSet(
      this,
      _PostgresTransaction_ask,
      function (query) {
        return turns.run(function () {
          return __classPrivateFieldGet(
            _this,
            _PostgresTransaction_instances,
            'm',
            _PostgresTransaction_send,
          ).call(_this, query);
        });
      },
      'f',
    );
    this.sql = new postgres_sql_ts_1.PostgresSql(__classPrivateFieldGet(this, _PostgresTransaction_ask, 'f'));
  }
  PostgresTransaction.prototype.begin = function () {
    return __awaiter(this, void 0, void 0, function () {
      var error_2;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            _a.trys.push([0, 2, , 3]);
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _PostgresTransaction_ask, 'f').call(this, { text: 'begin' }),
            ];
          case 1:
            _a.sent();
            return [3 /*break*/, 3];
          case 2:
            error_2 = _a.sent();
            __classPrivateFieldGet(
              this,
              _PostgresTransaction_instances,
              'm',
              _PostgresTransaction_release,
            ).call(this);
            throw error_2;
          case 3:
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresTransaction.prototype.commit = function (sent) {
    return __awaiter(this, void 0, void 0, function () {
      var answer, command;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            answer = __classPrivateFieldGet(this, _PostgresTransaction_ask, 'f').call(this, {
              text: 'commit',
            });
            answer.catch(function () {}); // seen below; `sent` may take its time
            return [4 /*yield*/, sent === null || sent === void 0 ? void 0 : sent()];
          case 1:
            _a.sent();
            return [4 /*yield*/, answer];
          case 2:
            command = _a.sent().command;
            // The server's way of saying that a statement failed and there is nothing to commit.
            if (command !== 'COMMIT') throw new Error('commit was answered by '.concat(command));
            __classPrivateFieldGet(
              this,
              _PostgresTransaction_instances,
              'm',
              _PostgresTransaction_release,
            ).call(this);
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresTransaction.prototype.rollback = function () {
    return __awaiter(this, void 0, void 0, function () {
      var _a;
      return __generator(this, function (_b) {
        switch (_b.label) {
          case 0:
            if (__classPrivateFieldGet(this, _PostgresTransaction_isReleased, 'f')) return [2 /*return*/];
            _b.label = 1;
          case 1:
            _b.trys.push([1, 4, , 5]);
            if (!!__classPrivateFieldGet(this, _PostgresTransaction_isBroken, 'f')) return [3 /*break*/, 3];
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _PostgresTransaction_ask, 'f').call(this, { text: 'rollback' }),
            ];
          case 2:
            _b.sent();
            _b.label = 3;
          case 3:
            return [3 /*break*/, 5];
          case 4:
            _a = _b.sent();
            __classPrivateFieldSet(this, _PostgresTransaction_isBroken, true, 'f');
            return [3 /*break*/, 5];
          case 5:
            __classPrivateFieldGet(
              this,
              _PostgresTransaction_instances,
              'm',
              _PostgresTransaction_release,
            ).call(this);
            return [2 /*return*/];
        }
      });
    });
  };
  PostgresTransaction.prototype.sever = function () {
    var connection = __classPrivateFieldGet(this, _PostgresTransaction_client, 'f').connection;
    connection.stream.destroy();
  };
  return PostgresTransaction;
})();
((_PostgresTransaction_client = new WeakMap()),
  (_PostgresTransaction_ask = new WeakMap()),
  (_PostgresTransaction_isBroken = new WeakMap()),
  (_PostgresTransaction_isReleased = new WeakMap()),
  (_PostgresTransaction_broke = new WeakMap()),
  (_PostgresTransaction_instances = new WeakSet()),
  (_PostgresTransaction_send = function _PostgresTransaction_send(query) {
    return __awaiter(this, void 0, void 0, function () {
      var error_3;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            _a.trys.push([0, 2, , 3]);
            return [4 /*yield*/, __classPrivateFieldGet(this, _PostgresTransaction_client, 'f').query(query)];
          case 1:
            return [2 /*return*/, _a.sent()];
          case 2:
            error_3 = _a.sent();
            // Only what the server itself says leaves the connection usable.
            if (!(error_3 instanceof pg_1.default.DatabaseError) || error_3.severity !== 'ERROR')
              __classPrivateFieldSet(this, _PostgresTransaction_isBroken, true, 'f');
            throw error_3;
          case 3:
            return [2 /*return*/];
        }
      });
    });
  }),
  (_PostgresTransaction_release = function _PostgresTransaction_release() {
    if (__classPrivateFieldGet(this, _PostgresTransaction_isReleased, 'f')) return;
    __classPrivateFieldSet(this, _PostgresTransaction_isReleased, true, 'f');
    __classPrivateFieldGet(this, _PostgresTransaction_client, 'f').release(
      __classPrivateFieldGet(this, _PostgresTransaction_isBroken, 'f'),
    );
    __classPrivateFieldGet(this, _PostgresTransaction_client, 'f').off(
      'error',
      __classPrivateFieldGet(this, _PostgresTransaction_broke, 'f'),
    );
  }));
