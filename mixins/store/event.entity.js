'use strict';
var __assign =
  (this && this.__assign) ||
  function () {
    __assign =
      Object.assign ||
      function (t) {
        for (var s, i = 1, n = arguments.length; i < n; i++) {
          s = arguments[i];
          for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p)) t[p] = s[p];
        }
        return t;
      };
    return __assign.apply(this, arguments);
  };
Object.defineProperty(exports, '__esModule', { value: true });
exports.eventEntity = eventEntity;
exports.displacedEventEntity = displacedEventEntity;
var core_1 = require('@mikro-orm/core');
var columns_ts_1 = require('./orm/columns.ts');
/** The bytes are the event; the other columns are for finding it. */
function eventColumns(columns) {
  return __assign(
    __assign(
      {
        position: columns.count().primary().autoincrement(false),
        office: columns.word(columns_ts_1.OFFICE_LENGTH),
        epoch: columns.count(),
        seq: columns.count(),
        id: columns.word(columns_ts_1.UUID_LENGTH),
      },
      (0, columns_ts_1.entityKeyColumns)(columns),
    ),
    {
      /** 1 when the author is the scope's owner: sorts out what a feed leaves out. */
      byOwner: columns.count(),
      status: columns.word(columns_ts_1.WORD_LENGTH),
      size: columns.count(),
      hash: columns.hash(),
      bytes: columns.bytes(),
    },
  );
}
/** The events that were accepted here, own and foreign, in order of position. */
function eventEntity(columns) {
  return (0, core_1.defineEntity)({
    name: 'Event',
    tableName: 'event',
    properties: eventColumns(columns),
    uniques: [{ name: 'event_office_seq_epoch', properties: ['office', 'seq', 'epoch'] }],
    indexes: [
      { name: 'event_office_id', properties: ['office', 'id'] },
      { name: 'event_entity', properties: ['dataset', 'scope', 'entityId'] },
      { name: 'event_scope_position', properties: ['scope', 'byOwner', 'position', 'office'] },
    ],
  });
}
/** Own events that a fork took out of the log; kept as they were. */
function displacedEventEntity(columns) {
  return (0, core_1.defineEntity)({
    name: 'DisplacedEvent',
    tableName: 'displaced_event',
    properties: eventColumns(columns),
  });
}
