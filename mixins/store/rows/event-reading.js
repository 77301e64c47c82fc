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
exports.eventsBySeq = eventsBySeq;
exports.eventsByPosition = eventsByPosition;
exports.lastPosition = lastPosition;
exports.tipsOf = tipsOf;
var event_rows_ts_1 = require('./event-rows.ts');
var read_value_ts_1 = require('./read-value.ts');
/** All scopes that have events, by one seek each: the smallest, then the smallest after it, and so on. */
var SCOPES =
  'with recursive s(scope) as (select min(scope) from event ' +
  'union all select (select min(scope) from event where scope > s.scope) from s where s.scope is not null)';
function eventsBySeq(sql, office, after, limit) {
  return __awaiter(this, void 0, void 0, function () {
    var found;
    return __generator(this, function (_a) {
      found =
        'select position, size, seq, epoch from event where office = ? and seq > ? order by seq, epoch limit ?';
      return [
        2 /*return*/,
        readRun(sql, { text: found, values: [office, after, limit.count] }, 'seq, epoch', limit.bytes),
      ];
    });
  });
}
function eventsByPosition(sql_1, after_1, limit_1) {
  return __awaiter(this, arguments, void 0, function (sql, after, limit, only) {
    var each, found;
    if (only === void 0) {
      only = {};
    }
    return __generator(this, function (_a) {
      each = filters(only).map(function (_a) {
        var text = _a.text,
          values = _a.values;
        return {
          text: 'select * from (select position, size from event where position > ?'.concat(
            text,
            ' order by position limit ?) t',
          ),
          values: __spreadArray(__spreadArray([after], values, true), [limit.count], false),
        };
      });
      if (each.length === 0) return [2 /*return*/, []];
      found = {
        text: 'select * from ('.concat(
          each
            .map(function (_a) {
              var text = _a.text;
              return text;
            })
            .join(' union all '),
          ') u order by position limit ?',
        ),
        values: __spreadArray(
          __spreadArray(
            [],
            each.flatMap(function (_a) {
              var values = _a.values;
              return values;
            }),
            true,
          ),
          [limit.count],
          false,
        ),
      };
      return [2 /*return*/, readRun(sql, found, 'position', limit.bytes)];
    });
  });
}
/** Chosen by their sizes first, so that no more than the limit is read, and all in one statement. */
function readRun(sql, found, order, bytes) {
  return __awaiter(this, void 0, void 0, function () {
    var rows;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [
            4 /*yield*/,
            sql.all(
              'select e.position, e.status, e.hash, e.bytes from event e join (\n       select position, sum(size) over (order by '
                .concat(order, ' rows unbounded preceding) - size as ahead from (')
                .concat(found.text, ') c\n     ) p on p.position = e.position where p.ahead < ? order by e.')
                .concat(order.replace(', ', ', e.')),
              __spreadArray(__spreadArray([], found.values, true), [Math.max(1, bytes)], false),
            ),
          ];
        case 1:
          rows = _a.sent();
          return [2 /*return*/, rows.map(event_rows_ts_1.eventOf)];
      }
    });
  });
}
/**
 * The filter as one or more conditions that exclude each other, each answered in order of position by an index:
 * (scope, by_owner, position, office), or the positions themselves when it names no scope.
 */
function filters(only) {
  var authors = authorCondition(only);
  if (only.scopes === undefined) return [authors];
  return __spreadArray([], new Set(only.scopes), true).flatMap(function (scope) {
    return pensOf(scope, only).map(function (byOwner) {
      return {
        text: ' and scope = ? and by_owner = '.concat(byOwner).concat(authors.text),
        values: __spreadArray([scope], authors.values, true),
      };
    });
  });
}
/** Whether the owner's events (1) and those of others (0) can match at all. */
function pensOf(scope, _a) {
  var author = _a.author,
    notAuthor = _a.notAuthor;
  var byOwner = notAuthor !== scope && (author === undefined || author === scope);
  var byOthers = author !== scope;
  return __spreadArray(__spreadArray([], byOthers ? [0] : [], true), byOwner ? [1] : [], true);
}
function authorCondition(_a) {
  var author = _a.author,
    notAuthor = _a.notAuthor;
  return {
    text:
      (author === undefined ? '' : ' and office = ?') + (notAuthor === undefined ? '' : ' and office <> ?'),
    values: __spreadArray(
      __spreadArray([], author === undefined ? [] : [author], true),
      notAuthor === undefined ? [] : [notAuthor],
      true,
    ),
  };
}
function lastPosition(sql, only, upTo) {
  return __awaiter(this, void 0, void 0, function () {
    var each, row;
    var _a;
    return __generator(this, function (_b) {
      switch (_b.label) {
        case 0:
          if (
            only.scopes === undefined &&
            ((_a = only.author) !== null && _a !== void 0 ? _a : only.notAuthor) !== undefined
          ) {
            return [2 /*return*/, lastOfAnyScope(sql, only, upTo)];
          }
          each = filters(only).map(function (_a) {
            var text = _a.text,
              values = _a.values;
            return lastOne({ text: text, values: values }, upTo);
          });
          if (each.length === 0) return [2 /*return*/, 0];
          return [
            4 /*yield*/,
            sql.all(
              'select max(position) as last from ('.concat(
                each
                  .map(function (_a) {
                    var text = _a.text;
                    return text;
                  })
                  .join(' union all '),
                ') u',
              ),
              each.flatMap(function (_a) {
                var values = _a.values;
                return values;
              }),
            ),
          ];
        case 1:
          row = _b.sent()[0];
          return [
            2 /*return*/,
            (0, read_value_ts_1.integer)(row !== null && row !== void 0 ? row : {}, 'last') || 0,
          ];
      }
    });
  });
}
function lastOne(_a, upTo) {
  var text = _a.text,
    values = _a.values;
  var bound = upTo === undefined ? '' : ' and position <= ?';
  return {
    text: 'select * from (select position from event where 1 = 1'
      .concat(text)
      .concat(bound, ' order by position desc limit 1) t'),
    values: __spreadArray(__spreadArray([], values, true), upTo === undefined ? [] : [upTo], true),
  };
}
/** Asks scope by scope: going back through the whole log could be long for an office that wrote little. */
function lastOfAnyScope(sql, only, upTo) {
  return __awaiter(this, void 0, void 0, function () {
    var authors, bound, last, owners, values, row;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          authors = authorCondition(only);
          bound = upTo === undefined ? '' : ' and position <= ?';
          last = function (byOwner) {
            return (
              '(select position from event e where e.scope = s.scope and by_owner = '
                .concat(byOwner)
                .concat(authors.text)
                .concat(bound, ' ') + 'order by position desc limit 1)'
            );
          };
          owners = authorCondition(only).text.replaceAll('office', 's.scope').replace(' and ', '');
          values = __spreadArray(
            __spreadArray([], authors.values, true),
            upTo === undefined ? [] : [upTo],
            true,
          );
          return [
            4 /*yield*/,
            sql.all(
              ''
                .concat(SCOPES, ' select max(others) as others, max(owned) as owned from (\n       select ')
                .concat(last(0), ' as others, case when ')
                .concat(owners, ' then ')
                .concat(last(1), ' end as owned from s\n     ) t'),
              __spreadArray(
                __spreadArray(__spreadArray([], values, true), authors.values, true),
                values,
                true,
              ),
            ),
          ];
        case 1:
          row = _a.sent()[0];
          return [
            2 /*return*/,
            Math.max(
              (0, read_value_ts_1.integer)(row !== null && row !== void 0 ? row : {}, 'others') || 0,
              (0, read_value_ts_1.integer)(row !== null && row !== void 0 ? row : {}, 'owned') || 0,
            ),
          ];
      }
    });
  });
}
/** See `StoreReader.tipsOf`. Where a seq is not held, the next lower one stands in. */
function tipsOf(sql, office, limit) {
  return __awaiter(this, void 0, void 0, function () {
    var ends, newest, seqs, below, rows, events, tip;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [
            4 /*yield*/,
            sql.all('select min(seq) as first, max(seq) as last from event where office = ?', [office]),
          ];
        case 1:
          ends = _a.sent()[0];
          if ((ends === null || ends === void 0 ? void 0 : ends['last']) == null) return [2 /*return*/, []];
          return [4 /*yield*/, lastPosition(sql, { author: office })];
        case 2:
          newest = _a.sent();
          seqs = stepsBack(
            (0, read_value_ts_1.integer)(ends, 'first'),
            (0, read_value_ts_1.integer)(ends, 'last'),
            Math.max(0, limit - 1),
          );
          below = seqs.map(function () {
            return 'select * from (select position from event where office = ? and seq <= ? order by seq desc, epoch desc limit 1) t';
          });
          return [
            4 /*yield*/,
            sql.all(
              'select e.position, e.status, e.hash, e.bytes from event e where position in ('.concat(
                __spreadArray(['select ?'], below, true).join(' union '),
                ') order by e.position desc',
              ),
              __spreadArray(
                [newest],
                seqs.flatMap(function (seq) {
                  return [office, seq];
                }),
                true,
              ),
            ),
          ];
        case 3:
          rows = _a.sent();
          events = rows.map(event_rows_ts_1.eventOf).sort(function (a, b) {
            return b.event.seq - a.event.seq || b.position - a.position;
          });
          tip = events.filter(function (_a) {
            var position = _a.position;
            return position === newest;
          });
          return [
            2 /*return*/,
            __spreadArray(
              __spreadArray([], tip, true),
              events.filter(function (_a) {
                var position = _a.position;
                return position !== newest;
              }),
              true,
            ).slice(0, limit),
          ];
      }
    });
  });
}
/** last - 1, last - 2, last - 4, ... and first, newest first, at most `count`. */
function stepsBack(first, last, count) {
  var seqs = [];
  for (var back = 1; last - back > first; back *= 2) seqs.push(last - back);
  return __spreadArray(__spreadArray([], seqs.slice(0, count - 1), true), [first], false).slice(
    0,
    Math.max(0, count),
  );
}
