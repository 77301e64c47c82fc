'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.officeEntity = officeEntity;
var core_1 = require('@mikro-orm/core');
var columns_ts_1 = require('./orm/columns.ts');
/** A branch as the head knows it. */
function officeEntity(columns) {
  return (0, core_1.defineEntity)({
    name: 'Office',
    tableName: 'office',
    properties: {
      office: columns.word(columns_ts_1.OFFICE_LENGTH).primary(),
      name: columns.text(),
      status: columns.word(columns_ts_1.WORD_LENGTH),
      subscribe: columns.word(columns_ts_1.WORD_LENGTH),
      cursorEpoch: columns.count(),
      cursorSeq: columns.count(),
      cursorHash: columns.hash(),
      grantedEpoch: columns.count(),
      session: columns.count(),
      sessionConfirmed: columns.flag(),
      instance: columns.text(),
      leaseUntilMs: columns.count(),
      lastContactAtMs: columns.count(),
      safeSeq: columns.count(),
      addedAtMs: columns.count(),
    },
  });
}
