'use strict';
var __extends =
  (this && this.__extends) ||
  (function () {
    var extendStatics = function (d, b) {
      extendStatics =
        Object.setPrototypeOf ||
        ({ __proto__: [] } instanceof Array &&
          function (d, b) {
            d.__proto__ = b;
          }) ||
        function (d, b) {
          for (var p in b) if (Object.prototype.hasOwnProperty.call(b, p)) d[p] = b[p];
        };
      return extendStatics(d, b);
    };
    return function (d, b) {
      if (typeof b !== 'function' && b !== null)
        throw new TypeError('Class extends value ' + String(b) + ' is not a constructor or null');
      extendStatics(d, b);
      function __() {
        this.constructor = d;
      }
      d.prototype = b === null ? Object.create(b) : ((__.prototype = b.prototype), new __());
    };
  })();
Object.defineProperty(exports, '__esModule', { value: true });
exports.M0001OfficeTables = void 0;
var migrations_1 = require('@mikro-orm/migrations');
var EVENT_COLUMNS =
  '\n  position bigint not null primary key,\n  office text collate "C" not null,\n  epoch bigint not null,\n  seq bigint not null,\n  id text collate "C" not null,\n  dataset text collate "C" not null,\n  scope text collate "C" not null,\n  entity_id text collate "C" not null,\n  by_owner bigint not null,\n  status text collate "C" not null,\n  size bigint not null,\n  hash bytea not null,\n  bytes bytea not null\n';
var STATEMENTS = [
  'create table log (\n    id integer not null primary key,\n    office text collate "C" not null,\n    role text collate "C" not null,\n    tail_epoch bigint not null,\n    tail_seq bigint not null,\n    tail_hash bytea not null,\n    position bigint not null,\n    at text collate "C" not null,\n    hold text collate "C" not null,\n    paused boolean not null,\n    waiting bigint not null,\n    session bigint not null,\n    acked_epoch bigint not null,\n    acked_seq bigint not null,\n    acked_hash bytea not null,\n    safe_seq bigint not null,\n    feed_epoch bigint not null,\n    feed_position bigint not null,\n    feed_hash bytea not null,\n    own_feed_epoch bigint not null,\n    feed_forks text collate "C" not null,\n    head_office text collate "C" not null\n  )',
  'create table office (\n    office text collate "C" not null primary key,\n    name text collate "C" not null,\n    status text collate "C" not null,\n    subscribe text collate "C" not null,\n    cursor_epoch bigint not null,\n    cursor_seq bigint not null,\n    cursor_hash bytea not null,\n    granted_epoch bigint not null,\n    session bigint not null,\n    session_confirmed boolean not null,\n    instance text collate "C" not null,\n    lease_until_ms bigint not null,\n    last_contact_at_ms bigint not null,\n    safe_seq bigint not null,\n    added_at_ms bigint not null\n  )',
  'create table event ('.concat(EVENT_COLUMNS, ')'),
  'create unique index event_office_seq_epoch on event (office, seq, epoch)',
  'create index event_office_id on event (office, id)',
  'create index event_entity on event (dataset, scope, entity_id)',
  'create index event_scope_position on event (scope, by_owner, position, office)',
  'create table displaced_event ('.concat(EVENT_COLUMNS, ')'),
  'create table waiting (\n    position bigint not null primary key,\n    dataset text collate "C" not null,\n    scope text collate "C" not null,\n    entity_id text collate "C" not null,\n    status text collate "C" not null,\n    reason text collate "C" not null,\n    detail text collate "C" not null,\n    since_ms bigint not null\n  )',
  'create index waiting_entity on waiting (dataset, scope, entity_id)',
  'create table conflict_case (\n    id text collate "C" not null primary key,\n    dataset text collate "C" not null,\n    scope text collate "C" not null,\n    entity_id text collate "C" not null,\n    status text collate "C" not null,\n    opened_at text collate "C" not null,\n    settled_at text collate "C" null,\n    body text collate "C" not null\n  )',
  'create index conflict_case_entity on conflict_case (dataset, scope, entity_id, status)',
  'create index conflict_case_status on conflict_case (status, id)',
  'create table digest (\n    dataset text collate "C" not null,\n    scope text collate "C" not null,\n    bucket bigint not null,\n    count bigint not null,\n    events bytea not null,\n    state bytea not null,\n    primary key (dataset, scope, bucket)\n  )',
  'create table entity (\n    dataset text collate "C" not null,\n    scope text collate "C" not null,\n    entity_id text collate "C" not null,\n    entity_state text collate "C" not null,\n    primary key (dataset, scope, entity_id)\n  )',
];
/** The fixed tables. Frozen: a change is another migration. */
var M0001OfficeTables = /** @class */ (function (_super) {
  __extends(M0001OfficeTables, _super);
  function M0001OfficeTables() {
    var _this = (_super !== null && _super.apply(this, arguments)) || this;
    _this.name = 'm0001-office-tables';
    return _this;
  }
  M0001OfficeTables.prototype.up = function () {
    for (var _i = 0, STATEMENTS_1 = STATEMENTS; _i < STATEMENTS_1.length; _i++) {
      var statement = STATEMENTS_1[_i];
      this.addSql(statement);
    }
  };
  return M0001OfficeTables;
})(migrations_1.Migration);
exports.M0001OfficeTables = M0001OfficeTables;
