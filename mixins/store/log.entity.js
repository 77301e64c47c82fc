'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.logEntity = logEntity;
var core_1 = require('@mikro-orm/core');
var columns_ts_1 = require('./orm/columns.ts');
/** One row: whose database this is and how far it has come. */
function logEntity(columns) {
  return (0, core_1.defineEntity)({
    name: 'Log',
    tableName: 'log',
    properties: {
      id: core_1.p.integer().primary().autoincrement(false),
      office: columns.word(columns_ts_1.OFFICE_LENGTH),
      role: columns.word(columns_ts_1.WORD_LENGTH),
      tailEpoch: columns.count(),
      tailSeq: columns.count(),
      tailHash: columns.hash(),
      position: columns.count(),
      at: columns.word(columns_ts_1.WORD_LENGTH),
      hold: columns.word(columns_ts_1.WORD_LENGTH),
      paused: columns.flag(),
      waiting: columns.count(),
      session: columns.count(),
      ackedEpoch: columns.count(),
      ackedSeq: columns.count(),
      ackedHash: columns.hash(),
      safeSeq: columns.count(),
      feedEpoch: columns.count(),
      feedPosition: columns.count(),
      feedHash: columns.hash(),
      ownFeedEpoch: columns.count(),
      feedForks: columns.text(),
      headOffice: columns.word(columns_ts_1.OFFICE_LENGTH),
    },
  });
}
