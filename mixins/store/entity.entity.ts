import { defineEntity } from '@mikro-orm/core';
import { type Columns, DATASET_LENGTH, ENTITY_ID_LENGTH, OFFICE_LENGTH } from './orm/columns.ts';

/** States of the entities whose dataset has no table of its own. */
export function entityEntity(columns: Columns) {
  return defineEntity({
    name: 'Entity',
    tableName: 'entity',
    properties: {
      dataset: columns.word(DATASET_LENGTH).primary(),
      scope: columns.word(OFFICE_LENGTH).primary(),
      entityId: columns.word(ENTITY_ID_LENGTH).primary(),
      entityState: columns.text(),
    },
  });
}
