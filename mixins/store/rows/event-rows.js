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
exports.EVENT_SELECT = void 0;
exports.eventOf = eventOf;
exports.insertEvents = insertEvents;
exports.setEventStatus = setEventStatus;
exports.displaceAfter = displaceAfter;
exports.displaced = displaced;
exports.eventAt = eventAt;
exports.pointAt = pointAt;
exports.eventsByDots = eventsByDots;
exports.eventsByIds = eventsByIds;
exports.eventsByIdPrefixes = eventsByIdPrefixes;
exports.eventsOfEntity = eventsOfEntity;
exports.keysOf = keysOf;
var table_ts_1 = require('../table.ts');
var read_value_ts_1 = require('./read-value.ts');
var EVENT = (0, table_ts_1.table)('event', ['position'], {
  position: 'integer',
  office: 'text',
  epoch: 'integer',
  seq: 'integer',
  id: 'text',
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  by_owner: 'integer',
  status: 'text',
  size: 'integer',
  hash: 'bytes',
  bytes: 'bytes',
});
/** What an event is read back from: the rest of the columns is for finding it. */
exports.EVENT_SELECT = 'e.position, e.status, e.hash, e.bytes';
var READ = 'position, status, hash, bytes';
var POSITION = [{ name: 'position', kind: 'integer' }];
var BY_POSITION = { table: 'event', select: READ, key: POSITION };
var BY_ID = {
  table: 'event',
  select: READ,
  key: [
    { name: 'office', kind: 'text' },
    { name: 'id', kind: 'text' },
  ],
};
var BY_DOT = {
  table: 'event',
  select: READ,
  key: [
    { name: 'office', kind: 'text' },
    { name: 'seq', kind: 'integer' },
    { name: 'epoch', kind: 'integer' },
  ],
};
var DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
function eventOf(row) {
  var canonical = (0, read_value_ts_1.bytes)(row, 'bytes');
  return {
    event: JSON.parse(DECODER.decode(canonical)),
    bytes: canonical,
    hash: (0, read_value_ts_1.bytes)(row, 'hash'),
    position: (0, read_value_ts_1.integer)(row, 'position'),
    status: (0, read_value_ts_1.text)(row, 'status'),
  };
}
function eventValues(_a) {
  var event = _a.event,
    position = _a.position,
    status = _a.status,
    hash = _a.hash,
    canonical = _a.bytes;
  return [
    position,
    event.office,
    event.epoch,
    event.seq,
    event.id,
    event.dataset,
    event.scope,
    event.entityId,
    Number(event.office === event.scope),
    status,
    canonical.length,
    hash,
    canonical,
  ];
}
function insertEvents(sql, rows) {
  return __awaiter(this, void 0, void 0, function () {
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          if (!(rows.length > 0)) return [3 /*break*/, 2];
          return [4 /*yield*/, sql.insert(EVENT, rows.map(eventValues))];
        case 1:
          _a.sent();
          _a.label = 2;
        case 2:
          return [2 /*return*/];
      }
    });
  });
}
function setEventStatus(sql, positions, status) {
  return __awaiter(this, void 0, void 0, function () {
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          // The status is one of three words of ours, so it may stand in the text.
          return [
            4 /*yield*/,
            sql.runByKey(
              "update event set status = '".concat(status, "' where"),
              POSITION,
              keysOf(positions),
            ),
          ];
        case 1:
          // The status is one of three words of ours, so it may stand in the text.
          _a.sent();
          return [2 /*return*/];
      }
    });
  });
}
/** Moved to a table of their own, so that no other query has to leave them out. */
function displaceAfter(sql, office, seq) {
  return __awaiter(this, void 0, void 0, function () {
    var displaced, columns;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          displaced = 'from event where office = ? and seq > ?';
          columns = EVENT.columns
            .map(function (_a) {
              var name = _a.name;
              return name;
            })
            .join(', ');
          return [
            4 /*yield*/,
            sql.run('delete from waiting where position in (select position '.concat(displaced, ')'), [
              office,
              seq,
            ]),
          ];
        case 1:
          _a.sent();
          return [
            4 /*yield*/,
            sql.run(
              'insert into displaced_event ('
                .concat(columns, ') select ')
                .concat(columns, ' ')
                .concat(displaced),
              [office, seq],
            ),
          ];
        case 2:
          _a.sent();
          return [4 /*yield*/, sql.run('delete '.concat(displaced), [office, seq])];
        case 3:
          _a.sent();
          return [2 /*return*/];
      }
    });
  });
}
function displaced(sql) {
  return __awaiter(this, void 0, void 0, function () {
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [4 /*yield*/, sql.all('select '.concat(READ, ' from displaced_event order by position'))];
        case 1:
          return [2 /*return*/, _a.sent().map(eventOf)];
      }
    });
  });
}
function eventAt(sql, position) {
  return __awaiter(this, void 0, void 0, function () {
    var row;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [4 /*yield*/, sql.find(BY_POSITION, [[position]])];
        case 1:
          row = _a.sent()[0];
          return [2 /*return*/, row ? eventOf(row) : null];
      }
    });
  });
}
function pointAt(sql, office, seq) {
  return __awaiter(this, void 0, void 0, function () {
    var row;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [
            4 /*yield*/,
            sql.all(
              'select epoch, hash from event where office = ? and seq = ? order by epoch desc limit 1',
              [office, seq],
            ),
          ];
        case 1:
          row = _a.sent()[0];
          return [
            2 /*return*/,
            row
              ? {
                  epoch: (0, read_value_ts_1.integer)(row, 'epoch'),
                  seq: seq,
                  hash: (0, read_value_ts_1.bytes)(row, 'hash'),
                }
              : null,
          ];
      }
    });
  });
}
function eventsByDots(sql, dots) {
  return __awaiter(this, void 0, void 0, function () {
    var _a;
    return __generator(this, function (_b) {
      switch (_b.label) {
        case 0:
          _a = inOrder;
          return [
            4 /*yield*/,
            sql.find(
              BY_DOT,
              distinct(
                dots.map(function (_a) {
                  var office = _a.office,
                    seq = _a.seq,
                    epoch = _a.epoch;
                  return [office, seq, epoch];
                }),
              ),
            ),
          ];
        case 1:
          return [2 /*return*/, _a.apply(void 0, [_b.sent()])];
      }
    });
  });
}
function eventsByIds(sql, office, ids) {
  return __awaiter(this, void 0, void 0, function () {
    var _a;
    return __generator(this, function (_b) {
      switch (_b.label) {
        case 0:
          _a = inOrder;
          return [
            4 /*yield*/,
            sql.find(
              BY_ID,
              __spreadArray([], new Set(ids), true).map(function (id) {
                return [office, id];
              }),
            ),
          ];
        case 1:
          return [2 /*return*/, _a.apply(void 0, [_b.sent()])];
      }
    });
  });
}
/** `~` sorts after everything that an id is made of. */
function eventsByIdPrefixes(sql, office, prefixes) {
  return __awaiter(this, void 0, void 0, function () {
    var one, found, _i, _a, part, values, _b, _c, _d;
    return __generator(this, function (_e) {
      switch (_e.label) {
        case 0:
          one = 'select '.concat(READ, ' from event where office = ? and id >= ? and id < ?');
          found = [];
          ((_i = 0), (_a = parts(__spreadArray([], new Set(prefixes), true), 50)));
          _e.label = 1;
        case 1:
          if (!(_i < _a.length)) return [3 /*break*/, 4];
          part = _a[_i];
          values = part.flatMap(function (prefix) {
            return [office, prefix, ''.concat(prefix, '~')];
          });
          _c = (_b = found.push).apply;
          _d = [found];
          return [
            4 /*yield*/,
            sql.all(
              part
                .map(function () {
                  return one;
                })
                .join(' union all '),
              values,
            ),
          ];
        case 2:
          _c.apply(_b, _d.concat([_e.sent()]));
          _e.label = 3;
        case 3:
          _i++;
          return [3 /*break*/, 1];
        case 4:
          return [2 /*return*/, inOrder(found)];
      }
    });
  });
}
function eventsOfEntity(sql, key) {
  return __awaiter(this, void 0, void 0, function () {
    var rows;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [
            4 /*yield*/,
            sql.all(
              'select '.concat(
                READ,
                ' from event where dataset = ? and scope = ? and entity_id = ? order by position',
              ),
              [key.dataset, key.scope, key.entityId],
            ),
          ];
        case 1:
          rows = _a.sent();
          return [2 /*return*/, rows.map(eventOf)];
      }
    });
  });
}
function inOrder(rows) {
  return rows.map(eventOf).sort(function (a, b) {
    return a.position - b.position;
  });
}
function keysOf(values) {
  return __spreadArray([], new Set(values), true).map(function (value) {
    return [value];
  });
}
function distinct(keys) {
  return __spreadArray(
    [],
    new Map(
      keys.map(function (key) {
        return [key.join('\n'), key];
      }),
    ).values(),
    true,
  );
}
function parts(all, size) {
  var at;
  return __generator(this, function (_a) {
    switch (_a.label) {
      case 0:
        at = 0;
        _a.label = 1;
      case 1:
        if (!(at < all.length)) return [3 /*break*/, 4];
        return [4 /*yield*/, all.slice(at, at + size)];
      case 2:
        _a.sent();
        _a.label = 3;
      case 3:
        at += size;
        return [3 /*break*/, 1];
      case 4:
        return [2 /*return*/];
    }
  });
}
