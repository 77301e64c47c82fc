import { p } from '@mikro-orm/core';
import type { Family } from '../sql.ts';

/** The few kinds of columns of the fixed tables, as each family calls them. */
export function columnsOf(family: Family) {
  const pick = (sqlite: string, postgresql: string, mysql: string) =>
    family === 'sqlite' ? sqlite : family === 'postgresql' ? postgresql : mysql;
  const string = (columnType: string) => {
    const column = p.string().columnType(columnType);
    return family === 'postgresql' ? column.collation('C') : column;
  };
  return {
    /** Counts, seqs, positions, milliseconds: safe integers. */
    count: () =>
      p
        .bigint('number')
        .columnType(pick('integer', 'bigint', 'bigint'))
        .unsigned(false),
    flag: () => p.boolean().columnType(pick('integer', 'boolean', 'tinyint(1)')),
    /** Text short enough for an index; bytewise, blanks significant, like all text. */
    word: (maxLength: number) => string(pick('text', 'text', `varchar(${maxLength})`)),
    text: () => string(pick('text', 'text', 'longtext')),
    /** SHA-256, and sums of such. */
    hash: () => p.uint8array().columnType(pick('blob', 'bytea', 'varbinary(32)')),
    bytes: () => p.uint8array().columnType(pick('blob', 'bytea', 'longblob')),
    /** Of an index: it has only such rows, where the family can leave out others. */
    only: (where: string) => (family === 'sqlite' || family === 'postgresql' ? { where } : {}),
  };
}

export type Columns = ReturnType<typeof columnsOf>;

/** Longest names in characters, as the domain limits them. */
export const OFFICE_LENGTH = 32;
export const DATASET_LENGTH = 32;
export const ENTITY_ID_LENGTH = 128;
export const UUID_LENGTH = 36;
/** The first half of a UUID. */
export const KEYED_LENGTH = 18;
export const WORD_LENGTH = 32;
/** Of `sortableDecimal`. */
export const STAKE_LENGTH = 39;
export const PROJECTION_LENGTH = 64;
/** JSON of a QuarantineReport, whose parts are bounded: see LIMITS.reportItems. */
export const REPORT_LENGTH = 8000;

export function entityKeyColumns(columns: Columns) {
  return {
    dataset: columns.word(DATASET_LENGTH),
    scope: columns.word(OFFICE_LENGTH),
    entityId: columns.word(ENTITY_ID_LENGTH),
  };
}
