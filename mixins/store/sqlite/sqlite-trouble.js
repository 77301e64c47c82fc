'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.sqliteCode = sqliteCode;
exports.isBusy = isBusy;
exports.diagnoseSqlite = diagnoseSqlite;
/** Primary result codes, https://www.sqlite.org/rescode.html */
var BUSY = 5;
var LOCKED = 6;
var AWAY = new Set([8 /* READONLY */, 10 /* IOERR */, 13 /* FULL */, 14 /* CANTOPEN */, 7 /* NOMEM */]);
var REFUSED = new Set([3 /* PERM */, 11 /* CORRUPT */, 23 /* AUTH */, 26 /* NOTADB */]);
function sqliteCode(error) {
  var code = error === null || error === void 0 ? void 0 : error.errcode;
  return typeof code === 'number' ? code & 0xff : null;
}
function isBusy(error) {
  var code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}
function diagnoseSqlite(error) {
  var code = sqliteCode(error);
  if (isBusy(error)) return 'again';
  if (code !== null && AWAY.has(code)) return 'away';
  return code !== null && REFUSED.has(code) ? 'refused' : 'defect';
}
