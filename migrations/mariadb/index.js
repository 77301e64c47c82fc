'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.MIGRATIONS = void 0;
var m0001_office_tables_ts_1 = require('./m0001-office-tables.ts');
/** In order. */
exports.MIGRATIONS = [{ name: 'm0001-office-tables', class: m0001_office_tables_ts_1.M0001OfficeTables }];
