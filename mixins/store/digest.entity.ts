import { defineEntity } from '@mikro-orm/core';
import { type Columns, DATASET_LENGTH, OFFICE_LENGTH } from './orm/columns.ts';

/** Sums of hashes, by which offices compare what they hold. */
export function digestEntity(columns: Columns) {
  return defineEntity({
    name: 'Digest',
    tableName: 'digest',
    properties: {
      dataset: columns.word(DATASET_LENGTH).primary(),
      scope: columns.word(OFFICE_LENGTH).primary(),
      bucket: columns.count().primary(),
      count: columns.count(),
      events: columns.hash(),
      state: columns.hash(),
    },
  });
}
