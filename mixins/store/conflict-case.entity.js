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
exports.conflictCaseEntity = conflictCaseEntity;
var core_1 = require('@mikro-orm/core');
var columns_ts_1 = require('./orm/columns.ts');
/** The case itself is `body`, JSON; the other columns are for finding it. */
function conflictCaseEntity(columns) {
  return (0, core_1.defineEntity)({
    name: 'ConflictCase',
    tableName: 'conflict_case',
    properties: __assign(
      __assign(
        { id: columns.word(columns_ts_1.UUID_LENGTH).primary() },
        (0, columns_ts_1.entityKeyColumns)(columns),
      ),
      {
        status: columns.word(columns_ts_1.WORD_LENGTH),
        openedAt: columns.word(columns_ts_1.WORD_LENGTH),
        settledAt: columns.word(columns_ts_1.WORD_LENGTH).nullable(),
        body: columns.text(),
      },
    ),
    indexes: [
      { name: 'conflict_case_entity', properties: ['dataset', 'scope', 'entityId', 'status'] },
      { name: 'conflict_case_status', properties: ['status', 'id'] },
    ],
  });
}
