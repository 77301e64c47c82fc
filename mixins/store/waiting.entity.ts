import { defineEntity } from '@mikro-orm/core';
import { type Columns, entityKeyColumns, OFFICE_LENGTH, WORD_LENGTH } from './orm/columns.ts';

/** Events that are held but not applied, and why. */
export function waitingEntity(columns: Columns) {
  return defineEntity({
    name: 'Waiting',
    tableName: 'waiting',
    properties: {
      position: columns.count().primary().autoincrement(false),
      office: columns.word(OFFICE_LENGTH).default(''),
      ...entityKeyColumns(columns),
      status: columns.word(WORD_LENGTH),
      reason: columns.text(),
      detail: columns.text(),
      sinceMs: columns.count(),
    },
    indexes: [
      { name: 'waiting_entity', properties: ['dataset', 'scope', 'entityId'] },
      { name: 'waiting_office', properties: ['office', 'status', 'position'] },
    ],
  });
}
