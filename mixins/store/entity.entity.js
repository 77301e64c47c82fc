'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.entityEntity = entityEntity;
var core_1 = require('@mikro-orm/core');
var columns_ts_1 = require('./orm/columns.ts');
/** States of the entities whose dataset has no table of its own. */
function entityEntity(columns) {
  return (0, core_1.defineEntity)({
    name: 'Entity',
    tableName: 'entity',
    properties: {
      dataset: columns.word(columns_ts_1.DATASET_LENGTH).primary(),
      scope: columns.word(columns_ts_1.OFFICE_LENGTH).primary(),
      entityId: columns.word(columns_ts_1.ENTITY_ID_LENGTH).primary(),
      entityState: columns.text(),
    },
  });
}
