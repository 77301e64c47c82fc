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
Object.defineProperty(exports, '__esModule', { value: true });
exports.runTransaction = runTransaction;
exports.seenByCaller = seenByCaller;
var promises_1 = require('node:timers/promises');
var trouble_ts_1 = require('./trouble.ts');
var MOST_ATTEMPTS = 8;
var FIRST_PAUSE_MS = 5;
var LONGEST_PAUSE_MS = 500;
/** Runs `work` until it commits, the whole of it each time; see `Store.transaction`. */
function runTransaction(runner, work) {
  return __awaiter(this, void 0, void 0, function () {
    var attempt, outcome;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          attempt = 1;
          _a.label = 1;
        case 1:
          return [4 /*yield*/, attemptOnce(runner, work)];
        case 2:
          outcome = _a.sent();
          if ('result' in outcome) return [2 /*return*/, outcome.result];
          if (attempt >= MOST_ATTEMPTS) throw seenByCaller(runner, outcome.again);
          return [4 /*yield*/, (0, promises_1.setTimeout)(pauseMs(attempt))];
        case 3:
          _a.sent();
          _a.label = 4;
        case 4:
          attempt++;
          return [3 /*break*/, 1];
        case 5:
          return [2 /*return*/];
      }
    });
  });
}
/** Doubles, with full jitter, so that those who met once do not meet again. */
function pauseMs(attempt) {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * Math.pow(2, attempt));
}
function attemptOnce(runner, work) {
  return __awaiter(this, void 0, void 0, function () {
    var transaction, watched, result, error_1;
    var _a, _b;
    return __generator(this, function (_c) {
      switch (_c.label) {
        case 0:
          return [4 /*yield*/, begin(runner)];
        case 1:
          transaction = _c.sent();
          if ('again' in transaction) return [2 /*return*/, transaction];
          watched = watch(transaction.sql);
          _c.label = 2;
        case 2:
          _c.trys.push([2, 5, , 7]);
          return [4 /*yield*/, work(watched.sql)];
        case 3:
          result = _c.sent();
          return [
            4 /*yield*/,
            (_a = runner.failPoint) === null || _a === void 0
              ? void 0
              : _a.call(runner, 'before-commit', transaction),
          ];
        case 4:
          _c.sent();
          if (watched.failure() !== null) throw watched.failure();
          return [3 /*break*/, 7];
        case 5:
          error_1 = _c.sent();
          return [4 /*yield*/, transaction.rollback()];
        case 6:
          _c.sent();
          // What `work` made of the database's refusal does not matter: the transaction failed at its first failure.
          return [
            2 /*return*/,
            againOrThrow(runner, (_b = watched.failure()) !== null && _b !== void 0 ? _b : error_1),
          ];
        case 7:
          return [2 /*return*/, commit(runner, transaction, result)];
      }
    });
  });
}
function begin(runner) {
  return __awaiter(this, void 0, void 0, function () {
    var error_2;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          _a.trys.push([0, 2, , 3]);
          return [4 /*yield*/, runner.database.begin()];
        case 1:
          return [2 /*return*/, _a.sent()];
        case 2:
          error_2 = _a.sent();
          // Nothing is known to be wrong with what was asked: a connection that broke while it lay idle is replaced.
          if (runner.diagnose(error_2) === 'lost') return [2 /*return*/, { again: error_2 }];
          throw seenByCaller(runner, error_2);
        case 3:
          return [2 /*return*/];
      }
    });
  });
}
function commit(runner, transaction, result) {
  return __awaiter(this, void 0, void 0, function () {
    var error_3, trouble;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          _a.trys.push([0, 2, , 4]);
          return [
            4 /*yield*/,
            transaction.commit(function () {
              var _a;
              return (_a = runner.failPoint) === null || _a === void 0
                ? void 0
                : _a.call(runner, 'commit-sent', transaction);
            }),
          ];
        case 1:
          _a.sent();
          return [2 /*return*/, { result: result }];
        case 2:
          error_3 = _a.sent();
          return [4 /*yield*/, transaction.rollback()];
        case 3:
          _a.sent();
          trouble = runner.diagnose(error_3);
          if (trouble === 'lost' || trouble === 'away')
            throw (0, trouble_ts_1.commitUnknown)(error_3, runner.shown);
          return [2 /*return*/, againOrThrow(runner, error_3)];
        case 4:
          return [2 /*return*/];
      }
    });
  });
}
function againOrThrow(runner, error) {
  var trouble = (0, trouble_ts_1.isOurs)(error) ? 'defect' : runner.diagnose(error);
  if (trouble === 'again' || trouble === 'lost') return { again: error };
  throw seenByCaller(runner, error);
}
function seenByCaller(_a, error) {
  var diagnose = _a.diagnose,
    shown = _a.shown;
  return (0, trouble_ts_1.isOurs)(error)
    ? error
    : (0, trouble_ts_1.databaseError)(diagnose(error), error, shown);
}
/** Remembers the first statement that failed: databases go on differently after one, so nothing may follow. */
function watch(sql) {
  var _this = this;
  var failure = null;
  var watched = function (answer) {
    return __awaiter(_this, void 0, void 0, function () {
      var error_4;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            _a.trys.push([0, 2, , 3]);
            return [4 /*yield*/, answer];
          case 1:
            return [2 /*return*/, _a.sent()];
          case 2:
            error_4 = _a.sent();
            failure !== null && failure !== void 0 ? failure : (failure = error_4);
            throw error_4;
          case 3:
            return [2 /*return*/];
        }
      });
    });
  };
  return {
    failure: function () {
      return failure;
    },
    sql: {
      family: sql.family,
      all: function (text, values) {
        return watched(sql.all(text, values));
      },
      run: function (text, values) {
        return watched(sql.run(text, values));
      },
      insert: function (table, rows) {
        return watched(sql.insert(table, rows));
      },
      upsert: function (table, rows) {
        return watched(sql.upsert(table, rows));
      },
      find: function (lookup, keys) {
        return watched(sql.find(lookup, keys));
      },
      runByKey: function (text, key, keys) {
        return watched(sql.runByKey(text, key, keys));
      },
      script: function (text) {
        return watched(sql.script(text));
      },
    },
  };
}
