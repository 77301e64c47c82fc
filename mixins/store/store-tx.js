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
exports.storeTx = storeTx;
var case_rows_ts_1 = require('./rows/case-rows.ts');
var digest_rows_ts_1 = require('./rows/digest-rows.ts');
var entity_rows_ts_1 = require('./rows/entity-rows.ts');
var event_rows_ts_1 = require('./rows/event-rows.ts');
var log_rows_ts_1 = require('./rows/log-rows.ts');
var office_rows_ts_1 = require('./rows/office-rows.ts');
var waiting_rows_ts_1 = require('./rows/waiting-rows.ts');
var store_reader_ts_1 = require('./store-reader.ts');
/** All of one transaction, on its one connection. */
function storeTx(sql, ordinary, tables) {
  return __assign(__assign({}, (0, store_reader_ts_1.storeReader)(sql, ordinary, tables)), {
    lockLog: function () {
      return (0, log_rows_ts_1.lockLog)(sql);
    },
    saveLog: function (row) {
      return (0, log_rows_ts_1.saveLog)(sql, row);
    },
    lockOffices: function (offices) {
      return ordinary.lockOffices(offices);
    },
    saveOffices: function (rows) {
      return (0, office_rows_ts_1.saveOffices)(sql, rows);
    },
    insertEvents: function (rows) {
      return (0, event_rows_ts_1.insertEvents)(sql, rows);
    },
    setEventStatus: function (positions, status) {
      return (0, event_rows_ts_1.setEventStatus)(sql, positions, status);
    },
    displaceAfter: function (office, seq) {
      return (0, event_rows_ts_1.displaceAfter)(sql, office, seq);
    },
    lockEntities: function (keys) {
      return (0, entity_rows_ts_1.lockEntities)(sql, tables, keys);
    },
    saveEntities: function (writes) {
      return (0, entity_rows_ts_1.saveEntities)(sql, tables, writes);
    },
    removeEntities: function (keys) {
      return (0, entity_rows_ts_1.removeEntities)(sql, tables, keys);
    },
    insertWaiting: function (rows) {
      return (0, waiting_rows_ts_1.insertWaiting)(sql, rows);
    },
    removeWaiting: function (positions) {
      return (0, waiting_rows_ts_1.removeWaiting)(sql, positions);
    },
    saveCases: function (cases) {
      return (0, case_rows_ts_1.saveCases)(sql, cases);
    },
    saveDigests: function (rows) {
      return (0, digest_rows_ts_1.saveDigests)(sql, rows);
    },
  });
}
