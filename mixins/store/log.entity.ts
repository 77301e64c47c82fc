import { defineEntity, p } from '@mikro-orm/core';
import { type Columns, OFFICE_LENGTH, WORD_LENGTH } from './orm/columns.ts';

/** One row: whose database this is and how far it has come. */
export function logEntity(columns: Columns) {
  return defineEntity({
    name: 'Log',
    tableName: 'log',
    properties: {
      id: p.integer().primary().autoincrement(false).unsigned(false),
      office: columns.word(OFFICE_LENGTH),
      role: columns.word(WORD_LENGTH),
      tailEpoch: columns.count(),
      tailSeq: columns.count(),
      tailHash: columns.hash(),
      position: columns.count(),
      at: columns.word(WORD_LENGTH),
      hold: columns.word(WORD_LENGTH),
      paused: columns.flag(),
      waiting: columns.count(),
      session: columns.count(),
      ackedEpoch: columns.count(),
      ackedSeq: columns.count(),
      ackedHash: columns.hash(),
      safeSeq: columns.count(),
      feedEpoch: columns.count(),
      feedPosition: columns.count(),
      feedHash: columns.hash(),
      ownFeedEpoch: columns.count(),
      feedForks: columns.text(),
      headOffice: columns.word(OFFICE_LENGTH),
      definitions: columns.count().defaultRaw('0'),
    },
  });
}
