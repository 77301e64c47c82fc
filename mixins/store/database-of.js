'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.databaseOf = databaseOf;
var postgres_database_ts_1 = require('./postgresql/postgres-database.ts');
var postgres_trouble_ts_1 = require('./postgresql/postgres-trouble.ts');
var sqlite_database_ts_1 = require('./sqlite/sqlite-database.ts');
var sqlite_trouble_ts_1 = require('./sqlite/sqlite-trouble.ts');
/** The database behind an address, not yet open. */
function databaseOf(_a, poolSize) {
  var family = _a.family,
    target = _a.target;
  switch (family) {
    case 'sqlite':
      return {
        database: new sqlite_database_ts_1.SqliteDatabase(target),
        diagnose: sqlite_trouble_ts_1.diagnoseSqlite,
      };
    case 'postgresql':
      return {
        database: new postgres_database_ts_1.PostgresDatabase(target, poolSize),
        diagnose: postgres_trouble_ts_1.diagnosePostgres,
      };
    default:
      throw new Error(''.concat(family, ' is not there yet'));
  }
}
