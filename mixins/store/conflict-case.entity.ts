import { defineEntity } from '@mikro-orm/core';
import { type Columns, entityKeyColumns, STAKE_LENGTH, UUID_LENGTH, WORD_LENGTH } from './orm/columns.ts';

/** The case itself is `body`, JSON; the other columns are for finding it. */
export function conflictCaseEntity(columns: Columns) {
  return defineEntity({
    name: 'ConflictCase',
    tableName: 'conflict_case',
    properties: {
      id: columns.word(UUID_LENGTH).primary(),
      ...entityKeyColumns(columns),
      status: columns.word(WORD_LENGTH),
      openedAt: columns.word(WORD_LENGTH),
      settledAt: columns.word(WORD_LENGTH).nullable(),
      /** As `sortableDecimal` has it. */
      atStake: columns.word(STAKE_LENGTH).nullable(),
      body: columns.text(),
    },
    indexes: [
      { name: 'conflict_case_entity', properties: ['dataset', 'scope', 'entityId', 'status'] },
      { name: 'conflict_case_status', properties: ['status', 'id'] },
      { name: 'conflict_case_scope', properties: ['scope', 'id'] },
    ],
  });
}
