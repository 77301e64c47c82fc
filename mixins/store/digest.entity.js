'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.digestEntity = digestEntity;
var core_1 = require('@mikro-orm/core');
var columns_ts_1 = require('./orm/columns.ts');
/** Sums of hashes, by which offices compare what they hold. */
function digestEntity(columns) {
  return (0, core_1.defineEntity)({
    name: 'Digest',
    tableName: 'digest',
    properties: {
      dataset: columns.word(columns_ts_1.DATASET_LENGTH).primary(),
      scope: columns.word(columns_ts_1.OFFICE_LENGTH).primary(),
      bucket: columns.count().primary(),
      count: columns.count(),
      events: columns.hash(),
      state: columns.hash(),
    },
  });
}
