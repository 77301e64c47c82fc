import { defineEntity } from '@mikro-orm/core';
import {
  type Columns,
  entityKeyColumns,
  PROJECTION_LENGTH,
  UUID_LENGTH,
  WORD_LENGTH,
} from './orm/columns.ts';

/** How far each projection has followed the log, who works on it, and what else is being done with it. */
export function projectionEntity(columns: Columns) {
  return defineEntity({
    name: 'Projection',
    tableName: 'projection',
    properties: {
      name: columns.word(PROJECTION_LENGTH).primary(),
      base: columns.word(PROJECTION_LENGTH),
      kind: columns.word(WORD_LENGTH),
      version: columns.count(),
      state: columns.word(WORD_LENGTH),
      position: columns.count(),
      lateNo: columns.count(),
      holder: columns.word(UUID_LENGTH),
      token: columns.count(),
      leaseUntilMs: columns.count(),
      failures: columns.count(),
      updatedAtMs: columns.count(),
      job: columns.text(),
    },
  });
}

/** Entities that a projection cannot enter, and why. */
export function projectionFailureEntity(columns: Columns) {
  const { dataset, scope, entityId } = entityKeyColumns(columns);
  return defineEntity({
    name: 'ProjectionFailure',
    tableName: 'projection_failure',
    properties: {
      projection: columns.word(PROJECTION_LENGTH).primary(),
      dataset: dataset.primary(),
      scope: scope.primary(),
      entityId: entityId.primary(),
      reason: columns.word(PROJECTION_LENGTH),
      detail: columns.text(),
      sinceMs: columns.count(),
    },
  });
}
