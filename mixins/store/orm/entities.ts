import { conflictCaseEntity } from '../conflict-case.entity.ts';
import { digestEntity } from '../digest.entity.ts';
import { entityEntity } from '../entity.entity.ts';
import { displacedEventEntity, eventEntity } from '../event.entity.ts';
import { lateEntity } from '../late.entity.ts';
import { logEntity } from '../log.entity.ts';
import { officeEntity } from '../office.entity.ts';
import { processEntity } from '../process.entity.ts';
import { projectionEntity, projectionFailureEntity } from '../projection.entity.ts';
import type { Family } from '../sql.ts';
import { waitingEntity } from '../waiting.entity.ts';
import { columnsOf } from './columns.ts';

/** The fixed tables as MikroORM sees them. Dataset tables are not among them: they follow from declarations. */
export function entitiesOf(family: Family) {
  const columns = columnsOf(family);
  return {
    log: logEntity(columns),
    office: officeEntity(columns),
    process: processEntity(columns),
    event: eventEntity(columns),
    displacedEvent: displacedEventEntity(columns),
    waiting: waitingEntity(columns),
    conflictCase: conflictCaseEntity(columns),
    digest: digestEntity(columns),
    entity: entityEntity(columns),
    late: lateEntity(columns),
    projection: projectionEntity(columns),
    projectionFailure: projectionFailureEntity(columns),
  };
}

export type Entities = ReturnType<typeof entitiesOf>;
