'use strict';
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
exports.ENTITY_KEY = void 0;
exports.compareKeys = compareKeys;
exports.inKeyOrder = inKeyOrder;
exports.distinctKeys = distinctKeys;
var event_ts_1 = require('../../../domain/event.ts');
exports.ENTITY_KEY = [
  { name: 'dataset', kind: 'text' },
  { name: 'scope', kind: 'text' },
  { name: 'entity_id', kind: 'text' },
];
function compareKeys(a, b) {
  return (
    (0, event_ts_1.compareText)(a.dataset, b.dataset) ||
    (0, event_ts_1.compareText)(a.scope, b.scope) ||
    (0, event_ts_1.compareText)(a.entityId, b.entityId)
  );
}
/** Each key once, in key order: the order in which rows are locked. */
function inKeyOrder(keys) {
  if (keys.length < 2) return __spreadArray([], keys, true);
  return __spreadArray(
    [],
    new Map(
      keys.map(function (key) {
        return [(0, event_ts_1.entityName)(key), key];
      }),
    ).values(),
    true,
  ).sort(compareKeys);
}
function distinctKeys(keys) {
  return inKeyOrder(keys).map(function (_a) {
    var dataset = _a.dataset,
      scope = _a.scope,
      entityId = _a.entityId;
    return [dataset, scope, entityId];
  });
}
