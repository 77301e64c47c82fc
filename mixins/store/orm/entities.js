'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.entitiesOf = entitiesOf;
var conflict_case_entity_ts_1 = require('../conflict-case.entity.ts');
var digest_entity_ts_1 = require('../digest.entity.ts');
var entity_entity_ts_1 = require('../entity.entity.ts');
var event_entity_ts_1 = require('../event.entity.ts');
var log_entity_ts_1 = require('../log.entity.ts');
var office_entity_ts_1 = require('../office.entity.ts');
var waiting_entity_ts_1 = require('../waiting.entity.ts');
var columns_ts_1 = require('./columns.ts');
/** The fixed tables as MikroORM sees them. Dataset tables are not among them: they follow from declarations. */
function entitiesOf(family) {
  var columns = (0, columns_ts_1.columnsOf)(family);
  return {
    log: (0, log_entity_ts_1.logEntity)(columns),
    office: (0, office_entity_ts_1.officeEntity)(columns),
    event: (0, event_entity_ts_1.eventEntity)(columns),
    displacedEvent: (0, event_entity_ts_1.displacedEventEntity)(columns),
    waiting: (0, waiting_entity_ts_1.waitingEntity)(columns),
    conflictCase: (0, conflict_case_entity_ts_1.conflictCaseEntity)(columns),
    digest: (0, digest_entity_ts_1.digestEntity)(columns),
    entity: (0, entity_entity_ts_1.entityEntity)(columns),
  };
}
