import { defineEntity } from '@mikro-orm/core';
import { type Columns, entityKeyColumns, KEYED_LENGTH, OFFICE_LENGTH, WORD_LENGTH } from './orm/columns.ts';

/** The bytes are the event; the other columns are for finding it. */
function eventColumns(columns: Columns) {
  return {
    position: columns.count().primary().autoincrement(false),
    office: columns.word(OFFICE_LENGTH),
    epoch: columns.count(),
    seq: columns.count(),
    /** Of an own event with a derived id, the half of it that names what it was derived from: `idempotencyName`. */
    keyed: columns.word(KEYED_LENGTH).nullable(),
    ...entityKeyColumns(columns),
    /** 1 when the author is the scope's owner: sorts out what a feed leaves out. */
    byOwner: columns.count(),
    status: columns.word(WORD_LENGTH),
    size: columns.count(),
    hash: columns.hash(),
    bytes: columns.bytes(),
  };
}

/** The events that were accepted here, own and foreign, in order of position. */
export function eventEntity(columns: Columns) {
  return defineEntity({
    name: 'Event',
    tableName: 'event',
    properties: eventColumns(columns),
    uniques: [{ name: 'event_office_seq_epoch', properties: ['office', 'seq', 'epoch'] }],
    indexes: [
      { name: 'event_keyed', properties: ['keyed'], ...columns.only('keyed is not null') },
      { name: 'event_entity', properties: ['dataset', 'scope', 'entityId'] },
      { name: 'event_scope_position', properties: ['scope', 'byOwner', 'position', 'office'] },
    ],
  });
}

/** Own events that a fork took out of the log; kept as they were. */
export function displacedEventEntity(columns: Columns) {
  return defineEntity({
    name: 'DisplacedEvent',
    tableName: 'displaced_event',
    properties: eventColumns(columns),
  });
}
