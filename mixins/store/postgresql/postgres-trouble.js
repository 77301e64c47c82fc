'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.NETWORK_AWAY = exports.NETWORK_LOST = void 0;
exports.diagnosePostgres = diagnosePostgres;
/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
var AGAIN = new Set(['40P01', '40001', '55P03']);
var LOST = new Set(['57P01', '57P02', '25P03', '57P05']);
var AWAY = new Set(['57P03', '57014', '25006', '58030']);
var LOST_CLASS = '08';
/** Insufficient resources: disk, memory, connections. */
var AWAY_CLASS = '53';
/** Authorisation, unknown database, insufficient privilege. */
var REFUSED = new Set(['28000', '28P01', '3D000', '42501']);
/** Failures of the network, by the codes of Node. */
exports.NETWORK_LOST = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED', 'ECONNABORTED']);
exports.NETWORK_AWAY = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'ENOENT',
]);
/** The driver has no codes for these. */
var LOST_MESSAGE =
  /connection terminated|connection error and is not queryable|query read timeout|client was closed/i;
var AWAY_MESSAGE = /timeout exceeded when trying to connect|connection timeout|timeout expired/i;
function diagnosePostgres(error) {
  var _a = error,
    code = _a.code,
    message = _a.message;
  var text = typeof message === 'string' ? message : '';
  if (AWAY_MESSAGE.test(text)) return 'away';
  if (typeof code !== 'string') return LOST_MESSAGE.test(text) ? 'lost' : 'defect';
  if (AGAIN.has(code)) return 'again';
  if (LOST.has(code) || exports.NETWORK_LOST.has(code) || code.startsWith(LOST_CLASS)) return 'lost';
  if (AWAY.has(code) || exports.NETWORK_AWAY.has(code) || code.startsWith(AWAY_CLASS)) return 'away';
  return REFUSED.has(code) ? 'refused' : 'defect';
}
