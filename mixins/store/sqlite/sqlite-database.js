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
var _SqliteDatabase_instances,
  _SqliteDatabase_path,
  _SqliteDatabase_turns,
  _SqliteDatabase_writer,
  _SqliteDatabase_reader,
  _SqliteDatabase_write,
  _SqliteDatabase_read,
  _SqliteDatabase_transaction;
Object.defineProperty(exports, '__esModule', { value: true });
exports.SqliteDatabase = void 0;
var node_fs_1 = require('node:fs');
var node_path_1 = require('node:path');
var node_sqlite_1 = require('node:sqlite');
var promises_1 = require('node:timers/promises');
var sqlite_sql_ts_1 = require('./sqlite-sql.ts');
var sqlite_trouble_ts_1 = require('./sqlite-trouble.ts');
var turns_ts_1 = require('./turns.ts');
/** SQLite waits by stopping the event loop, so it may wait only briefly; beyond that we ask again ourselves. */
var BUSY_TIMEOUT_MS = 20;
/** How long other processes may keep the file before we give up. */
var WRITE_WAIT_MS = 10000;
var ASK_AGAIN_MS = 15;
/**
 * One file: one connection that writes, in turns, and one that only reads. In WAL mode the reader sees the last
 * commit and never what is under way, and neither waits for the other.
 */
var SqliteDatabase = /** @class */ (function () {
  function SqliteDatabase(path) {
    _SqliteDatabase_instances.add(this);
    this.family = 'sqlite';
    _SqliteDatabase_path.set(this, void 0);
    _SqliteDatabase_turns.set(this, null);
    _SqliteDatabase_writer.set(this, null);
    _SqliteDatabase_reader.set(this, null);
    _SqliteDatabase_write.set(this, null);
    _SqliteDatabase_read.set(this, null);
    __classPrivateFieldSet(this, _SqliteDatabase_path, path, 'f');
  }
  Object.defineProperty(SqliteDatabase.prototype, 'read', {
    get: function () {
      return opened(__classPrivateFieldGet(this, _SqliteDatabase_read, 'f'));
    },
    enumerable: false,
    configurable: true,
  });
  SqliteDatabase.prototype.open = function () {
    return __awaiter(this, void 0, void 0, function () {
      var error_1;
      var _this = this;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            (0, node_fs_1.mkdirSync)(
              (0, node_path_1.dirname)(__classPrivateFieldGet(this, _SqliteDatabase_path, 'f')),
              { recursive: true },
            );
            _a.label = 1;
          case 1:
            _a.trys.push([1, 3, , 5]);
            __classPrivateFieldSet(
              this,
              _SqliteDatabase_writer,
              new node_sqlite_1.DatabaseSync(__classPrivateFieldGet(this, _SqliteDatabase_path, 'f'), {
                timeout: BUSY_TIMEOUT_MS,
                enableForeignKeyConstraints: true,
              }),
              'f',
            );
            __classPrivateFieldSet(
              this,
              _SqliteDatabase_turns,
              (0, turns_ts_1.turnsOf)(__classPrivateFieldGet(this, _SqliteDatabase_path, 'f')),
              'f',
            );
            return [
              4 /*yield*/,
              untilFree(function () {
                var _a;
                return (_a = __classPrivateFieldGet(_this, _SqliteDatabase_writer, 'f')) === null ||
                  _a === void 0
                  ? void 0
                  : _a.exec('pragma journal_mode = wal; pragma synchronous = full');
              }),
            ];
          case 2:
            _a.sent();
            __classPrivateFieldSet(
              this,
              _SqliteDatabase_reader,
              new node_sqlite_1.DatabaseSync(__classPrivateFieldGet(this, _SqliteDatabase_path, 'f'), {
                timeout: BUSY_TIMEOUT_MS,
                readOnly: true,
              }),
              'f',
            );
            __classPrivateFieldSet(
              this,
              _SqliteDatabase_write,
              new sqlite_sql_ts_1.SqliteSql(__classPrivateFieldGet(this, _SqliteDatabase_writer, 'f')),
              'f',
            );
            __classPrivateFieldSet(
              this,
              _SqliteDatabase_read,
              new sqlite_sql_ts_1.SqliteSql(__classPrivateFieldGet(this, _SqliteDatabase_reader, 'f')),
              'f',
            );
            return [3 /*break*/, 5];
          case 3:
            error_1 = _a.sent();
            return [4 /*yield*/, this.close()];
          case 4:
            _a.sent();
            throw error_1;
          case 5:
            return [2 /*return*/];
        }
      });
    });
  };
  SqliteDatabase.prototype.close = function () {
    return __awaiter(this, void 0, void 0, function () {
      var end;
      var _a, _b, _c;
      return __generator(this, function (_d) {
        switch (_d.label) {
          case 0:
            return [
              4 /*yield*/,
              (_a = __classPrivateFieldGet(this, _SqliteDatabase_turns, 'f')) === null || _a === void 0
                ? void 0
                : _a.take(),
            ];
          case 1:
            end = _d.sent();
            (_b = __classPrivateFieldGet(this, _SqliteDatabase_reader, 'f')) === null || _b === void 0
              ? void 0
              : _b.close();
            (_c = __classPrivateFieldGet(this, _SqliteDatabase_writer, 'f')) === null || _c === void 0
              ? void 0
              : _c.close();
            __classPrivateFieldSet(
              this,
              _SqliteDatabase_reader,
              __classPrivateFieldSet(
                this,
                _SqliteDatabase_writer,
                __classPrivateFieldSet(
                  this,
                  _SqliteDatabase_read,
                  __classPrivateFieldSet(this, _SqliteDatabase_write, null, 'f'),
                  'f',
                ),
                'f',
              ),
              'f',
            );
            end === null || end === void 0 ? void 0 : end();
            return [2 /*return*/];
        }
      });
    });
  };
  SqliteDatabase.prototype.begin = function () {
    return __awaiter(this, void 0, void 0, function () {
      var end, db_1, error_2;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [4 /*yield*/, opened(__classPrivateFieldGet(this, _SqliteDatabase_turns, 'f')).take()];
          case 1:
            end = _a.sent();
            _a.label = 2;
          case 2:
            _a.trys.push([2, 4, , 5]);
            db_1 = opened(__classPrivateFieldGet(this, _SqliteDatabase_writer, 'f'));
            if (db_1.isTransaction) db_1.exec('rollback'); // one that the disk did not let us end
            return [
              4 /*yield*/,
              untilFree(function () {
                return db_1.exec('begin immediate');
              }),
            ];
          case 3:
            _a.sent();
            return [
              2 /*return*/,
              __classPrivateFieldGet(this, _SqliteDatabase_instances, 'm', _SqliteDatabase_transaction).call(
                this,
                db_1,
                opened(__classPrivateFieldGet(this, _SqliteDatabase_write, 'f')),
                end,
              ),
            ];
          case 4:
            error_2 = _a.sent();
            end();
            throw error_2;
          case 5:
            return [2 /*return*/];
        }
      });
    });
  };
  SqliteDatabase.prototype.exclusive = function (work) {
    return __awaiter(this, void 0, void 0, function () {
      var transaction, result, error_3;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [4 /*yield*/, this.begin()];
          case 1:
            transaction = _a.sent();
            _a.label = 2;
          case 2:
            _a.trys.push([2, 5, , 7]);
            return [4 /*yield*/, work(transaction.sql)];
          case 3:
            result = _a.sent();
            return [4 /*yield*/, transaction.commit()];
          case 4:
            _a.sent();
            return [2 /*return*/, result];
          case 5:
            error_3 = _a.sent();
            return [4 /*yield*/, transaction.rollback()];
          case 6:
            _a.sent();
            throw error_3;
          case 7:
            return [2 /*return*/];
        }
      });
    });
  };
  SqliteDatabase.prototype.durability = function () {
    return __awaiter(this, void 0, void 0, function () {
      var journal, synchronous, findings;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [
              4 /*yield*/,
              opened(__classPrivateFieldGet(this, _SqliteDatabase_write, 'f')).all('pragma journal_mode'),
            ];
          case 1:
            journal = _a.sent()[0];
            return [
              4 /*yield*/,
              opened(__classPrivateFieldGet(this, _SqliteDatabase_write, 'f')).all('pragma synchronous'),
            ];
          case 2:
            synchronous = _a.sent()[0];
            findings = [];
            if ((journal === null || journal === void 0 ? void 0 : journal['journal_mode']) !== 'wal')
              findings.push('journal_mode is not WAL on this file system');
            if (
              Number(synchronous === null || synchronous === void 0 ? void 0 : synchronous['synchronous']) < 2
            )
              findings.push('synchronous is below FULL');
            return [2 /*return*/, findings];
        }
      });
    });
  };
  return SqliteDatabase;
})();
exports.SqliteDatabase = SqliteDatabase;
((_SqliteDatabase_path = new WeakMap()),
  (_SqliteDatabase_turns = new WeakMap()),
  (_SqliteDatabase_writer = new WeakMap()),
  (_SqliteDatabase_reader = new WeakMap()),
  (_SqliteDatabase_write = new WeakMap()),
  (_SqliteDatabase_read = new WeakMap()),
  (_SqliteDatabase_instances = new WeakSet()),
  (_SqliteDatabase_transaction = function _SqliteDatabase_transaction(db, sql, end) {
    return {
      sql: sql,
      commit: function (sent) {
        return __awaiter(this, void 0, void 0, function () {
          return __generator(this, function (_a) {
            switch (_a.label) {
              case 0:
                return [4 /*yield*/, sent === null || sent === void 0 ? void 0 : sent()];
              case 1:
                _a.sent();
                db.exec('commit');
                end();
                return [2 /*return*/];
            }
          });
        });
      },
      rollback: function () {
        return __awaiter(this, void 0, void 0, function () {
          return __generator(this, function (_a) {
            try {
              if (db.isOpen && db.isTransaction) db.exec('rollback');
            } catch (_b) {
              // Tried again at the next begin.
            }
            end();
            return [2 /*return*/];
          });
        });
      },
      sever: function () {},
    };
  }));
/** Runs a statement when other processes let go of the file, without stopping the event loop meanwhile. */
function untilFree(statement) {
  return __awaiter(this, void 0, void 0, function () {
    var deadlineMs, error_4;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          deadlineMs = Date.now() + WRITE_WAIT_MS;
          _a.label = 1;
        case 1:
          _a.trys.push([1, 2, , 4]);
          return [2 /*return*/, statement()];
        case 2:
          error_4 = _a.sent();
          if (!(0, sqlite_trouble_ts_1.isBusy)(error_4) || Date.now() > deadlineMs) throw error_4;
          return [4 /*yield*/, (0, promises_1.setTimeout)(ASK_AGAIN_MS * (0.5 + Math.random()))];
        case 3:
          _a.sent();
          return [3 /*break*/, 4];
        case 4:
          return [3 /*break*/, 1];
        case 5:
          return [2 /*return*/];
      }
    });
  });
}
function opened(part) {
  if (part === null) throw new Error('The store is not open');
  return part;
}
