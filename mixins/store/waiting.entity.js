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
Object.defineProperty(exports, '__esModule', { value: true });
exports.waitingEntity = waitingEntity;
var core_1 = require('@mikro-orm/core');
var columns_ts_1 = require('./orm/columns.ts');
/** Events that are held but not applied, and why. */
function waitingEntity(columns) {
  return (0, core_1.defineEntity)({
    name: 'Waiting',
    tableName: 'waiting',
    properties: __assign(
      __assign(
        { position: columns.count().primary().autoincrement(false) },
        (0, columns_ts_1.entityKeyColumns)(columns),
      ),
      {
        status: columns.word(columns_ts_1.WORD_LENGTH),
        reason: columns.text(),
        detail: columns.text(),
        sinceMs: columns.count(),
      },
    ),
    indexes: [{ name: 'waiting_entity', properties: ['dataset', 'scope', 'entityId'] }],
  });
}
