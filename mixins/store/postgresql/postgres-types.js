'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.parsers = void 0;
var pg_1 = require('pg');
var asText = function (value) {
  return value;
};
/** By type: counts are safe integers; dates, times and decimals stay as the server wrote them. */
var PARSERS = new Map([
  [20, Number], // int8
  [1082, asText], // date
  [1114, asText], // timestamp
  [1184, asText], // timestamptz
  [1700, asText], // numeric
]);
exports.parsers = {
  getTypeParser: function (oid, format) {
    var _a;
    return (_a = PARSERS.get(oid)) !== null && _a !== void 0
      ? _a
      : pg_1.default.types.getTypeParser(oid, format);
  },
};
