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
exports.lockEntities = lockEntities;
exports.entity = entity;
exports.saveEntities = saveEntities;
exports.removeEntities = removeEntities;
var errors_ts_1 = require('../../../domain/errors.ts');
var present_ts_1 = require('../../../domain/office/present.ts');
var dataset_rows_ts_1 = require('../datasets/dataset-rows.ts');
var table_ts_1 = require('../table.ts');
var entity_key_ts_1 = require('./entity-key.ts');
var read_value_ts_1 = require('./read-value.ts');
/** States of entities whose dataset has no table of its own. */
var ENTITY = (0, table_ts_1.table)('entity', ['dataset', 'scope', 'entity_id'], {
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  entity_state: 'text',
});
function lockEntities(sql, tables, keys) {
  return __awaiter(this, void 0, void 0, function () {
    return __generator(this, function (_a) {
      return [2 /*return*/, findStates(sql, tables, keys, true)];
    });
  });
}
function entity(sql, tables, key) {
  return __awaiter(this, void 0, void 0, function () {
    var state;
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          return [4 /*yield*/, findStates(sql, tables, [key], false)];
        case 1:
          state = _a.sent()[0];
          return [2 /*return*/, state !== null && state !== void 0 ? state : null];
      }
    });
  });
}
function findStates(sql, tables, keys, lock) {
  return __awaiter(this, void 0, void 0, function () {
    var states, _loop_1, _i, _a, _b, own, members;
    return __generator(this, function (_c) {
      switch (_c.label) {
        case 0:
          states = [];
          _loop_1 = function (own, members) {
            var rows;
            return __generator(this, function (_d) {
              switch (_d.label) {
                case 0:
                  return [
                    4 /*yield*/,
                    sql.find(
                      stateLookup(own, lock),
                      members.map(function (key) {
                        return keyValues(own, key);
                      }),
                    ),
                  ];
                case 1:
                  rows = _d.sent();
                  states.push.apply(
                    states,
                    rows.map(function (row) {
                      return (0, present_ts_1.decodeState)((0, read_value_ts_1.text)(row, 'entity_state'));
                    }),
                  );
                  return [2 /*return*/];
              }
            });
          };
          ((_i = 0), (_a = byTable(tables, keys)));
          _c.label = 1;
        case 1:
          if (!(_i < _a.length)) return [3 /*break*/, 4];
          ((_b = _a[_i]), (own = _b.own), (members = _b.members));
          return [5 /*yield**/, _loop_1(own, members)];
        case 2:
          _c.sent();
          _c.label = 3;
        case 3:
          _i++;
          return [3 /*break*/, 1];
        case 4:
          return [2 /*return*/, (0, entity_key_ts_1.inKeyOrder)(states)];
      }
    });
  });
}
function saveEntities(sql, tables, writes) {
  return __awaiter(this, void 0, void 0, function () {
    var keyed, _loop_2, _i, _a, _b, own, members;
    var _c;
    return __generator(this, function (_d) {
      switch (_d.label) {
        case 0:
          keyed = writes.map(function (write) {
            return __assign(__assign({}, keyOf(write.state)), { write: write });
          });
          _loop_2 = function (own, members) {
            var into, fresh, known;
            return __generator(this, function (_e) {
              switch (_e.label) {
                case 0:
                  into =
                    (_c = own === null || own === void 0 ? void 0 : own.table) !== null && _c !== void 0
                      ? _c
                      : ENTITY;
                  fresh = members.filter(function (_a) {
                    var write = _a.write;
                    return write.isNew;
                  });
                  known = members.filter(function (_a) {
                    var write = _a.write;
                    return !write.isNew;
                  });
                  return [
                    4 /*yield*/,
                    insertAll(
                      sql,
                      into,
                      fresh.map(function (_a) {
                        var write = _a.write;
                        return entityValues(sql, own, write);
                      }),
                    ),
                  ];
                case 1:
                  _e.sent();
                  if (!(known.length > 0)) return [3 /*break*/, 3];
                  return [
                    4 /*yield*/,
                    sql.upsert(
                      into,
                      known.map(function (_a) {
                        var write = _a.write;
                        return entityValues(sql, own, write);
                      }),
                    ),
                  ];
                case 2:
                  _e.sent();
                  _e.label = 3;
                case 3:
                  return [2 /*return*/];
              }
            });
          };
          ((_i = 0), (_a = byTable(tables, keyed)));
          _d.label = 1;
        case 1:
          if (!(_i < _a.length)) return [3 /*break*/, 4];
          ((_b = _a[_i]), (own = _b.own), (members = _b.members));
          return [5 /*yield**/, _loop_2(own, members)];
        case 2:
          _d.sent();
          _d.label = 3;
        case 3:
          _i++;
          return [3 /*break*/, 1];
        case 4:
          return [2 /*return*/];
      }
    });
  });
}
function insertAll(sql, into, rows) {
  return __awaiter(this, void 0, void 0, function () {
    return __generator(this, function (_a) {
      switch (_a.label) {
        case 0:
          if (!(rows.length > 0)) return [3 /*break*/, 2];
          return [4 /*yield*/, sql.insert(into, rows)];
        case 1:
          _a.sent();
          _a.label = 2;
        case 2:
          return [2 /*return*/];
      }
    });
  });
}
function removeEntities(sql, tables, keys) {
  return __awaiter(this, void 0, void 0, function () {
    var _loop_3, _i, _a, _b, own, members;
    var _c;
    return __generator(this, function (_d) {
      switch (_d.label) {
        case 0:
          _loop_3 = function (own, members) {
            var text_1;
            return __generator(this, function (_e) {
              switch (_e.label) {
                case 0:
                  text_1 = 'delete from '.concat(
                    (0, table_ts_1.quoted)(
                      (_c = own === null || own === void 0 ? void 0 : own.table.name) !== null &&
                        _c !== void 0
                        ? _c
                        : ENTITY.name,
                    ),
                    ' where',
                  );
                  return [
                    4 /*yield*/,
                    sql.runByKey(
                      text_1,
                      lookupKey(own),
                      members.map(function (key) {
                        return keyValues(own, key);
                      }),
                    ),
                  ];
                case 1:
                  _e.sent();
                  return [2 /*return*/];
              }
            });
          };
          ((_i = 0), (_a = byTable(tables, keys)));
          _d.label = 1;
        case 1:
          if (!(_i < _a.length)) return [3 /*break*/, 4];
          ((_b = _a[_i]), (own = _b.own), (members = _b.members));
          return [5 /*yield**/, _loop_3(own, members)];
        case 2:
          _d.sent();
          _d.label = 3;
        case 3:
          _i++;
          return [3 /*break*/, 1];
        case 4:
          return [2 /*return*/];
      }
    });
  });
}
function entityValues(sql, own, _a) {
  var state = _a.state,
    row = _a.row;
  var encoded = (0, present_ts_1.encodeState)(state);
  if (!own) return [state.dataset, state.scope, state.entityId, encoded];
  (0, errors_ts_1.assertInvariant)(
    row !== null,
    'an entity of a dataset with a table has a row',
    __assign({}, keyOf(state)),
  );
  return (0, dataset_rows_ts_1.rowValues)(sql.family, own, row, encoded);
}
/** In key order: first by dataset, so table by table, then within each. */
function byTable(tables, keys) {
  var groups = new Map();
  for (var _i = 0, _a = (0, entity_key_ts_1.inKeyOrder)(keys); _i < _a.length; _i++) {
    var key = _a[_i];
    var group = groups.get(key.dataset);
    if (group) group.push(key);
    else groups.set(key.dataset, [key]);
  }
  return __spreadArray([], groups, true).map(function (_a) {
    var dataset = _a[0],
      members = _a[1];
    return { own: tables.get(dataset), members: members };
  });
}
function stateLookup(own, lock) {
  var _a;
  return {
    table:
      (_a = own === null || own === void 0 ? void 0 : own.table.name) !== null && _a !== void 0
        ? _a
        : ENTITY.name,
    select: 'entity_state',
    key: lookupKey(own),
    lock: lock,
  };
}
function lookupKey(own) {
  return own ? entity_key_ts_1.ENTITY_KEY.slice(1) : entity_key_ts_1.ENTITY_KEY;
}
function keyValues(own, _a) {
  var dataset = _a.dataset,
    scope = _a.scope,
    entityId = _a.entityId;
  return own ? [scope, entityId] : [dataset, scope, entityId];
}
function keyOf(_a) {
  var dataset = _a.dataset,
    scope = _a.scope,
    entityId = _a.entityId;
  return { dataset: dataset, scope: scope, entityId: entityId };
}
