'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
exports.WORD_LENGTH =
  exports.UUID_LENGTH =
  exports.ENTITY_ID_LENGTH =
  exports.DATASET_LENGTH =
  exports.OFFICE_LENGTH =
    void 0;
exports.columnsOf = columnsOf;
exports.entityKeyColumns = entityKeyColumns;
var core_1 = require('@mikro-orm/core');
/** The few kinds of columns of the fixed tables, as each family calls them. */
function columnsOf(family) {
  var pick = function (sqlite, postgresql, mysql) {
    return family === 'sqlite' ? sqlite : family === 'postgresql' ? postgresql : mysql;
  };
  var string = function (columnType) {
    var column = core_1.p.string().columnType(columnType);
    return family === 'postgresql' ? column.collation('C') : column;
  };
  return {
    /** Counts, seqs, positions, milliseconds: safe integers. */
    count: function () {
      return core_1.p.bigint('number').columnType(pick('integer', 'bigint', 'bigint'));
    },
    flag: function () {
      return core_1.p.boolean().columnType(pick('integer', 'boolean', 'tinyint(1)'));
    },
    /** Text short enough for an index; bytewise, blanks significant, like all text. */
    word: function (maxLength) {
      return string(pick('text', 'text', 'varchar('.concat(maxLength, ')')));
    },
    text: function () {
      return string(pick('text', 'text', 'longtext'));
    },
    /** SHA-256, and sums of such. */
    hash: function () {
      return core_1.p.uint8array().columnType(pick('blob', 'bytea', 'varbinary(32)'));
    },
    bytes: function () {
      return core_1.p.uint8array().columnType(pick('blob', 'bytea', 'longblob'));
    },
  };
}
/** Longest names in characters, as the domain limits them. */
exports.OFFICE_LENGTH = 32;
exports.DATASET_LENGTH = 32;
exports.ENTITY_ID_LENGTH = 128;
exports.UUID_LENGTH = 36;
exports.WORD_LENGTH = 32;
function entityKeyColumns(columns) {
  return {
    dataset: columns.word(exports.DATASET_LENGTH),
    scope: columns.word(exports.OFFICE_LENGTH),
    entityId: columns.word(exports.ENTITY_ID_LENGTH),
  };
}
