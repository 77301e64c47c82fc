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
exports.parseDatabaseUrl = parseDatabaseUrl;
var errors_ts_1 = require('../../domain/errors.ts');
var FAMILIES = {
  'sqlite:': 'sqlite',
  'postgresql:': 'postgresql',
  'postgres:': 'postgresql',
  'mariadb:': 'mariadb',
  'mysql:': 'mysql',
};
/** @throws DomainError `invalid-database-url`, whose text never repeats the URL: it may hold a password. */
function parseDatabaseUrl(url) {
  var _a, _b;
  var scheme =
    (_b = (_a = /^[a-z]+:/.exec(url)) === null || _a === void 0 ? void 0 : _a[0]) !== null && _b !== void 0
      ? _b
      : '';
  var family = FAMILIES[scheme];
  if (family === undefined) {
    throw invalid('must begin with sqlite:, postgresql://, mariadb:// or mysql://', scheme || 'no scheme');
  }
  return family === 'sqlite' ? fileAddress(url.slice(scheme.length)) : serverAddress(family, url);
}
function fileAddress(rest) {
  var path = rest.replace(/^\/\/(?=\/)/, '');
  if (path === '' || path.startsWith('//'))
    throw invalid('must name a file, as in sqlite:data/office.sqlite');
  if (path.includes('?') || path.includes(':memory:') || path.includes('\0')) {
    throw invalid('must name a file on disk, without options, as in sqlite:data/office.sqlite');
  }
  return { family: 'sqlite', target: path, databaseName: path, shown: 'sqlite:'.concat(path) };
}
function serverAddress(family, url) {
  var parsed = URL.parse(url);
  var expected = 'must look like '.concat(family, '://user:password@host:port/database');
  if (parsed === null || parsed.hostname === '') throw invalid(expected);
  var database = decoded(parsed.pathname.slice(1));
  if (database === null || database === '' || database.includes('/')) throw invalid(expected);
  return {
    family: family,
    target: url,
    databaseName: database,
    shown: ''.concat(family, '://').concat(parsed.host, '/').concat(database),
  };
}
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch (_a) {
    return null;
  }
}
function invalid(reason, actual) {
  return new errors_ts_1.DomainError(
    'invalid-database-url',
    'DATABASE_URL '.concat(reason),
    __assign({ setting: 'DATABASE_URL', expected: reason }, actual === undefined ? {} : { actual: actual }),
  );
}
