import { defineEntity } from '@mikro-orm/core';
import { type Columns, OFFICE_LENGTH, REPORT_LENGTH, WORD_LENGTH } from './orm/columns.ts';

/** A branch as the head knows it; at a branch one row, of the head: the last contact, and what the head holds back. */
export function officeEntity(columns: Columns) {
  return defineEntity({
    name: 'Office',
    tableName: 'office',
    properties: {
      office: columns.word(OFFICE_LENGTH).primary(),
      name: columns.text(),
      status: columns.word(WORD_LENGTH),
      subscribe: columns.word(WORD_LENGTH),
      cursorEpoch: columns.count(),
      cursorSeq: columns.count(),
      cursorHash: columns.hash(),
      grantedEpoch: columns.count(),
      session: columns.count(),
      sessionConfirmed: columns.flag(),
      instance: columns.text(),
      leaseUntilMs: columns.count(),
      lastContactAtMs: columns.count(),
      safeSeq: columns.count(),
      addedAtMs: columns.count(),
      quarantined: columns.word(REPORT_LENGTH).default(''),
      datasets: columns.text().nullable(),
    },
  });
}
