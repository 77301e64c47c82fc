'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.storeReader = storeReader;
var errors_ts_1 = require('../../domain/errors.ts');
var rowsOf = require('./datasets/dataset-rows.ts');
var case_rows_ts_1 = require('./rows/case-rows.ts');
var digest_rows_ts_1 = require('./rows/digest-rows.ts');
var entity_rows_ts_1 = require('./rows/entity-rows.ts');
var reading = require('./rows/event-reading.ts');
var events = require('./rows/event-rows.ts');
var log_rows_ts_1 = require('./rows/log-rows.ts');
var waiting_rows_ts_1 = require('./rows/waiting-rows.ts');
/** Puts the queries together: on any connection, or on that of a transaction. */
function storeReader(sql, ordinary, tables) {
  var tableOf = function (dataset) {
    var known = tables.get(dataset.name);
    if (known) return known;
    throw new errors_ts_1.DomainError(
      'unknown-dataset',
      'There is no dataset "'.concat(dataset.name, '" here'),
      {
        dataset: dataset.name,
      },
    );
  };
  return {
    logRow: function () {
      return (0, log_rows_ts_1.readLog)(sql);
    },
    offices: function () {
      return ordinary.offices();
    },
    office: function (office) {
      return ordinary.office(office);
    },
    eventsBySeq: function (office, after, limit) {
      return reading.eventsBySeq(sql, office, after, limit);
    },
    eventsByPosition: function (after, limit, only) {
      return reading.eventsByPosition(sql, after, limit, only);
    },
    lastPosition: function (only, upTo) {
      return reading.lastPosition(sql, only, upTo);
    },
    eventAt: function (position) {
      return events.eventAt(sql, position);
    },
    pointAt: function (office, seq) {
      return events.pointAt(sql, office, seq);
    },
    eventsByDots: function (dots) {
      return events.eventsByDots(sql, dots);
    },
    eventsByIds: function (office, ids) {
      return events.eventsByIds(sql, office, ids);
    },
    eventsByIdPrefixes: function (office, prefixes) {
      return events.eventsByIdPrefixes(sql, office, prefixes);
    },
    eventsOfEntity: function (key) {
      return events.eventsOfEntity(sql, key);
    },
    tipsOf: function (office, limit) {
      return reading.tipsOf(sql, office, limit);
    },
    displaced: function () {
      return events.displaced(sql);
    },
    waitingOf: function (keys) {
      return (0, waiting_rows_ts_1.waitingOf)(sql, keys);
    },
    waiting: function (after, limit) {
      return ordinary.waiting(after, limit);
    },
    entity: function (key) {
      return (0, entity_rows_ts_1.entity)(sql, tables, key);
    },
    rows: function (dataset, query) {
      return rowsOf.rows(sql, tableOf(dataset), query);
    },
    rowsById: function (dataset, entityId) {
      return rowsOf.rowsById(sql, tableOf(dataset), entityId);
    },
    countRows: function (dataset, filter) {
      return rowsOf.countRows(sql, tableOf(dataset), filter);
    },
    sumRows: function (dataset, field, filter) {
      return rowsOf.sumRows(sql, tableOf(dataset), field, filter);
    },
    openCases: function (keys) {
      return (0, case_rows_ts_1.openCases)(sql, keys);
    },
    case: function (id) {
      return ordinary.case(id);
    },
    cases: function (query) {
      return ordinary.cases(query);
    },
    countCases: function (query) {
      return ordinary.countCases(query);
    },
    digests: function (dataset, scope) {
      return (0, digest_rows_ts_1.digests)(sql, dataset, scope);
    },
  };
}
