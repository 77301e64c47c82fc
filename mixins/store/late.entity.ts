import { defineEntity } from '@mikro-orm/core';
import { type Columns, entityKeyColumns, WORD_LENGTH } from './orm/columns.ts';

/** Events that count otherwise than they did at their own position, and since when. */
export function lateEntity(columns: Columns) {
  return defineEntity({
    name: 'Late',
    tableName: 'late',
    properties: {
      no: columns.count().primary().autoincrement(false),
      atPosition: columns.count(),
      position: columns.count(),
      ...entityKeyColumns(columns),
      changeKind: columns.word(WORD_LENGTH),
    },
    indexes: [
      { name: 'late_entity', properties: ['dataset', 'scope', 'entityId'] },
      { name: 'late_at_position', properties: ['atPosition'] },
    ],
  });
}
