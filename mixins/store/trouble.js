'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.isOurs = isOurs;
exports.databaseError = databaseError;
exports.commitUnknown = commitUnknown;
var errors_ts_1 = require('../../domain/errors.ts');
function isOurs(error) {
  return error instanceof errors_ts_1.DomainError;
}
/** What callers see of a trouble that retrying did not end. The driver's own text holds no credentials. */
function databaseError(trouble, error, shown) {
  var detail = error instanceof Error ? error.message : String(error);
  switch (trouble) {
    case 'again':
      return failure('busy', 'The database is busy: '.concat(detail), error, { database: shown });
    case 'lost':
    case 'away':
      return failure(
        'database-unavailable',
        'The database '.concat(shown, ' cannot be used now: ').concat(detail),
        error,
        {
          database: shown,
        },
      );
    case 'refused':
      return failure(
        'database-refused',
        'The database '.concat(shown, ' refuses: ').concat(detail, '. Check DATABASE_URL.'),
        error,
        {
          database: shown,
          setting: 'DATABASE_URL',
        },
      );
    default:
      return error;
  }
}
function commitUnknown(error, shown) {
  var detail = error instanceof Error ? error.message : String(error);
  return failure('commit-unknown', 'The connection broke during a commit: '.concat(detail), error, {
    database: shown,
  });
}
function failure(type, message, cause, data) {
  var error = new errors_ts_1.DomainError(type, message, data);
  error.cause = cause;
  return error;
}
