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
exports.newLog = newLog;
exports.readLog = readLog;
exports.lockLog = lockLog;
exports.insertLog = insertLog;
exports.saveLog = saveLog;
var chain_ts_1 = require('../../../domain/chain.ts');
var errors_ts_1 = require('../../../domain/errors.ts');
var hlc_ts_1 = require('../../../domain/hlc.ts');
var table_ts_1 = require('../table.ts');
var read_value_ts_1 = require('./read-value.ts');
var LOG = (0, table_ts_1.table)('log', ['id'], {
  id: 'integer',
  office: 'text',
  role: 'text',
  tail_epoch: 'integer',
  tail_seq: 'integer',
  tail_hash: 'bytes',
  position: 'integer',
  at: 'text',
  hold: 'text',
  paused: 'boolean',
  waiting: 'integer',
  session: 'integer',
  acked_epoch: 'integer',
  acked_seq: 'integer',
  acked_hash: 'bytes',
  safe_seq: 'integer',
  feed_epoch: 'integer',
  feed_position: 'integer',
  feed_hash: 'bytes',
  own_feed_epoch: 'integer',
  feed_forks: 'text',
  head_office: 'text',
});
var SELECT = 'select * from log where id = 1';
var UPDATE = 'update log set '.concat(
  LOG.columns
    .map(function (_a) {
      var name = _a.name;
      return ''.concat((0, table_ts_1.quoted)(name), ' = ?');
    })
    .join(', '),
  ' where id = 1',
);
function newLog(office, role) {
  return {
    office: office,
    role: role,
    tail: chain_ts_1.START_OF_CHAIN,
    position: 0,
    at: hlc_ts_1.START_OF_TIME,
    hold: 'none',
    paused: false,
    waiting: 0,
    session: 0,
    acked: chain_ts_1.START_OF_CHAIN,
    safeSeq: 0,
    feed: { feedEpoch: 1, position: 0, hash: chain_ts_1.ZERO_HASH },
    feedEpoch: 1,
    feedForks: [],
    headOffice: role === 'head' ? office : '',
  };
}
function readLog(sql) {
  return __awaiter(this, void 0, void 0, function () {
    var _a;
    return __generator(this, function (_b) {
      switch (_b.label) {
        case 0:
          _a = logOf;
          return [4 /*yield*/, sql.all(SELECT)];
        case 1:
          return [2 /*return*/, _a.apply(void 0, [_b.sent()])];
      }
    });
  });
}
function lockLog(sql) {
  return __awaiter(this, void 0, void 0, function () {
    var _a;
    return __generator(this, function (_b) {
      switch (_b.label) {
        case 0:
          _a = logOf;
          return [4 /*yield*/, sql.all(sql.family === 'sqlite' ? SELECT : ''.concat(SELECT, ' for update'))];
        case 1:
          return [2 /*return*/, _a.apply(void 0, [_b.sent()])];
      }
    });
  });
}
function insertLog(sql, row) {
  return __awaiter(this, void 0, void 0, function () {
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [4 /*yield*/, sql.insert(LOG, [logValues(row)])];
        case 1:
          _a.sent();
          return [2 /*return*/];
      }
    });
  });
}
function saveLog(sql, row) {
  return __awaiter(this, void 0, void 0, function () {
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [4 /*yield*/, sql.run(UPDATE, logValues(row))];
        case 1:
          _a.sent();
          return [2 /*return*/];
      }
    });
  });
}
function logOf(_a) {
  var row = _a[0];
  if (row === undefined)
    throw new errors_ts_1.DomainError('invariant-broken', 'Invariant broken: a store has one log row');
  return {
    office: (0, read_value_ts_1.text)(row, 'office'),
    role: (0, read_value_ts_1.text)(row, 'role'),
    tail: (0, read_value_ts_1.pointAt)(row, 'tail'),
    position: (0, read_value_ts_1.integer)(row, 'position'),
    at: (0, read_value_ts_1.text)(row, 'at'),
    hold: (0, read_value_ts_1.text)(row, 'hold'),
    paused: (0, read_value_ts_1.flag)(row, 'paused'),
    waiting: (0, read_value_ts_1.integer)(row, 'waiting'),
    session: (0, read_value_ts_1.integer)(row, 'session'),
    acked: (0, read_value_ts_1.pointAt)(row, 'acked'),
    safeSeq: (0, read_value_ts_1.integer)(row, 'safe_seq'),
    feed: {
      feedEpoch: (0, read_value_ts_1.integer)(row, 'feed_epoch'),
      position: (0, read_value_ts_1.integer)(row, 'feed_position'),
      hash: (0, read_value_ts_1.bytes)(row, 'feed_hash'),
    },
    feedEpoch: (0, read_value_ts_1.integer)(row, 'own_feed_epoch'),
    feedForks: (0, read_value_ts_1.json)(row, 'feed_forks'),
    headOffice: (0, read_value_ts_1.text)(row, 'head_office'),
  };
}
function logValues(row) {
  return __spreadArray(
    __spreadArray(
      __spreadArray(
        __spreadArray([1, row.office, row.role], (0, read_value_ts_1.pointValues)(row.tail), true),
        [row.position, row.at, row.hold, row.paused, row.waiting, row.session],
        false,
      ),
      (0, read_value_ts_1.pointValues)(row.acked),
      true,
    ),
    [
      row.safeSeq,
      row.feed.feedEpoch,
      row.feed.position,
      row.feed.hash,
      row.feedEpoch,
      JSON.stringify(row.feedForks),
      row.headOffice,
    ],
    false,
  );
}
