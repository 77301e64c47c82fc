'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.integer = integer;
exports.text = text;
exports.textOrNull = textOrNull;
exports.flag = flag;
exports.bytes = bytes;
exports.json = json;
exports.pointAt = pointAt;
exports.pointValues = pointValues;
/** Values as drivers give them, made one kind: 64-bit integers may come as text, flags as 0 and 1. */
function integer(row, column) {
  return Number(row[column]);
}
function text(row, column) {
  return row[column];
}
function textOrNull(row, column) {
  var _a;
  return (_a = row[column]) !== null && _a !== void 0 ? _a : null;
}
function flag(row, column) {
  return Boolean(row[column]);
}
/** Drivers give Buffers, which are compared, printed and cloned otherwise than the arrays they are. */
function bytes(row, column) {
  var _a = row[column],
    buffer = _a.buffer,
    byteOffset = _a.byteOffset,
    byteLength = _a.byteLength;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
function json(row, column) {
  return JSON.parse(text(row, column));
}
function pointAt(row, prefix) {
  return {
    epoch: integer(row, ''.concat(prefix, '_epoch')),
    seq: integer(row, ''.concat(prefix, '_seq')),
    hash: bytes(row, ''.concat(prefix, '_hash')),
  };
}
function pointValues(_a) {
  var epoch = _a.epoch,
    seq = _a.seq,
    hash = _a.hash;
  return [epoch, seq, hash];
}
