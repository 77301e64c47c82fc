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
var __rest =
  (this && this.__rest) ||
  function (s, e) {
    var t = {};
    for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p) && e.indexOf(p) < 0) t[p] = s[p];
    if (s != null && typeof Object.getOwnPropertySymbols === 'function')
      for (var i = 0, p = Object.getOwnPropertySymbols(s); i < p.length; i++) {
        if (e.indexOf(p[i]) < 0 && Object.prototype.propertyIsEnumerable.call(s, p[i])) t[p[i]] = s[p[i]];
      }
    return t;
  };
var _OrdinaryReads_entities, _OrdinaryReads_em;
Object.defineProperty(exports, '__esModule', { value: true });
exports.OrdinaryReads = void 0;
var core_1 = require('@mikro-orm/core');
/**
 * Reads that are not in the way of sales, through MikroORM. It writes values into the text of its queries, so
 * only words that the store itself could hold are let through: anything else matches nothing.
 */
var WORD = /^[A-Za-z0-9_@.:-]*$/;
function areWords() {
  var values = [];
  for (var _i = 0; _i < arguments.length; _i++) {
    values[_i] = arguments[_i];
  }
  return values.every(function (value) {
    return value === undefined || WORD.test(value);
  });
}
var OrdinaryReads = /** @class */ (function () {
  function OrdinaryReads(entities, em) {
    _OrdinaryReads_entities.set(this, void 0);
    _OrdinaryReads_em.set(this, void 0);
    __classPrivateFieldSet(this, _OrdinaryReads_entities, entities, 'f');
    __classPrivateFieldSet(this, _OrdinaryReads_em, em, 'f');
  }
  OrdinaryReads.prototype.offices = function () {
    return __awaiter(this, void 0, void 0, function () {
      var found;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _OrdinaryReads_em, 'f')
                .call(this)
                .find(
                  __classPrivateFieldGet(this, _OrdinaryReads_entities, 'f').office,
                  {},
                  { orderBy: { office: 'asc' } },
                ),
            ];
          case 1:
            found = _a.sent();
            return [2 /*return*/, found.map(officeOf)];
        }
      });
    });
  };
  OrdinaryReads.prototype.office = function (office) {
    return __awaiter(this, void 0, void 0, function () {
      var found;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            if (!areWords(office)) return [2 /*return*/, null];
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _OrdinaryReads_em, 'f')
                .call(this)
                .findOne(__classPrivateFieldGet(this, _OrdinaryReads_entities, 'f').office, {
                  office: office,
                }),
            ];
          case 1:
            found = _a.sent();
            return [2 /*return*/, found && officeOf(found)];
        }
      });
    });
  };
  /** In id order, which is the order in which rows are locked. */
  OrdinaryReads.prototype.lockOffices = function (offices) {
    return __awaiter(this, void 0, void 0, function () {
      var known, found;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            known = offices.filter(function (office) {
              return areWords(office);
            });
            if (known.length === 0) return [2 /*return*/, []];
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _OrdinaryReads_em, 'f')
                .call(this)
                .find(
                  __classPrivateFieldGet(this, _OrdinaryReads_entities, 'f').office,
                  { office: { $in: known } },
                  { orderBy: { office: 'asc' }, lockMode: core_1.LockMode.PESSIMISTIC_WRITE },
                ),
            ];
          case 1:
            found = _a.sent();
            return [2 /*return*/, found.map(officeOf)];
        }
      });
    });
  };
  OrdinaryReads.prototype.waiting = function (after, limit) {
    return __awaiter(this, void 0, void 0, function () {
      var found;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _OrdinaryReads_em, 'f')
                .call(this)
                .find(
                  __classPrivateFieldGet(this, _OrdinaryReads_entities, 'f').waiting,
                  { position: { $gt: after } },
                  { orderBy: { position: 'asc' }, limit: limit },
                ),
            ];
          case 1:
            found = _a.sent();
            return [2 /*return*/, found.map(waitingOf)];
        }
      });
    });
  };
  OrdinaryReads.prototype.case = function (id) {
    return __awaiter(this, void 0, void 0, function () {
      var found;
      return __generator(this, function (_a) {
        switch (_a.label) {
          case 0:
            if (!areWords(id)) return [2 /*return*/, null];
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _OrdinaryReads_em, 'f')
                .call(this)
                .findOne(__classPrivateFieldGet(this, _OrdinaryReads_entities, 'f').conflictCase, { id: id }),
            ];
          case 1:
            found = _a.sent();
            return [2 /*return*/, found && caseOf(found)];
        }
      });
    });
  };
  OrdinaryReads.prototype.cases = function (_a) {
    return __awaiter(this, void 0, void 0, function () {
      var where, found;
      var limit = _a.limit,
        query = __rest(_a, ['limit']);
      return __generator(this, function (_b) {
        switch (_b.label) {
          case 0:
            where = caseCondition(query);
            if (where === null) return [2 /*return*/, []];
            return [
              4 /*yield*/,
              __classPrivateFieldGet(this, _OrdinaryReads_em, 'f')
                .call(this)
                .find(__classPrivateFieldGet(this, _OrdinaryReads_entities, 'f').conflictCase, where, {
                  orderBy: { id: 'asc' },
                  limit: limit,
                }),
            ];
          case 1:
            found = _b.sent();
            return [2 /*return*/, found.map(caseOf)];
        }
      });
    });
  };
  OrdinaryReads.prototype.countCases = function (query) {
    return __awaiter(this, void 0, void 0, function () {
      var where;
      return __generator(this, function (_a) {
        where = caseCondition(query);
        return [
          2 /*return*/,
          where === null
            ? 0
            : __classPrivateFieldGet(this, _OrdinaryReads_em, 'f')
                .call(this)
                .count(__classPrivateFieldGet(this, _OrdinaryReads_entities, 'f').conflictCase, where),
        ];
      });
    });
  };
  return OrdinaryReads;
})();
exports.OrdinaryReads = OrdinaryReads;
((_OrdinaryReads_entities = new WeakMap()), (_OrdinaryReads_em = new WeakMap()));
function caseCondition(_a) {
  var status = _a.status,
    scope = _a.scope,
    dataset = _a.dataset,
    after = _a.after;
  if (!areWords(status, scope, dataset, after)) return null;
  return __assign(
    __assign(
      __assign(
        __assign({}, status === undefined ? {} : { status: status }),
        scope === undefined ? {} : { scope: scope },
      ),
      dataset === undefined ? {} : { dataset: dataset },
    ),
    after === undefined ? {} : { id: { $gt: after } },
  );
}
function caseOf(_a) {
  var body = _a.body;
  return JSON.parse(body);
}
function officeOf(row) {
  var cursorEpoch = row.cursorEpoch,
    cursorSeq = row.cursorSeq,
    cursorHash = row.cursorHash,
    own = __rest(row, ['cursorEpoch', 'cursorSeq', 'cursorHash']);
  return {
    office: own.office,
    name: own.name,
    status: own.status,
    subscribe: own.subscribe,
    cursor: { epoch: cursorEpoch, seq: cursorSeq, hash: plainBytes(cursorHash) },
    grantedEpoch: own.grantedEpoch,
    session: own.session,
    sessionConfirmed: Boolean(own.sessionConfirmed),
    instance: own.instance,
    leaseUntilMs: own.leaseUntilMs,
    lastContactAtMs: own.lastContactAtMs,
    safeSeq: own.safeSeq,
    addedAtMs: own.addedAtMs,
  };
}
function waitingOf(_a) {
  var position = _a.position,
    dataset = _a.dataset,
    scope = _a.scope,
    entityId = _a.entityId,
    why = __rest(_a, ['position', 'dataset', 'scope', 'entityId']);
  var reason = why.reason,
    detail = why.detail,
    sinceMs = why.sinceMs;
  return {
    position: position,
    dataset: dataset,
    scope: scope,
    entityId: entityId,
    status: why.status,
    reason: reason,
    detail: detail,
    sinceMs: sinceMs,
  };
}
function plainBytes(_a) {
  var buffer = _a.buffer,
    byteOffset = _a.byteOffset,
    byteLength = _a.byteLength;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
