'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.NO_LIMIT = exports.DIGEST_BUCKETS = void 0;
exports.DIGEST_BUCKETS = 16;
/** For reads that must have everything at once. */
exports.NO_LIMIT = { count: Math.pow(2, 31) - 1, bytes: Number.MAX_SAFE_INTEGER };
