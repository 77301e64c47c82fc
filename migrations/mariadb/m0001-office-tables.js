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
  '\n  position integer not null primary key,\n  office text not null,\n  epoch integer not null,\n  seq integer not null,\n  id text not null,\n  dataset text not null,\n  scope text not null,\n  entity_id text not null,\n  by_owner integer not null,\n  status text not null,\n  size integer not null,\n  hash blob not null,\n  bytes blob not null\n';
var STATEMENTS = [
  'create table log (\n    id integer not null primary key,\n    office text not null,\n    role text not null,\n    tail_epoch integer not null,\n    tail_seq integer not null,\n    tail_hash blob not null,\n    position integer not null,\n    at text not null,\n    hold text not null,\n    paused integer not null,\n    waiting integer not null,\n    session integer not null,\n    acked_epoch integer not null,\n    acked_seq integer not null,\n    acked_hash blob not null,\n    safe_seq integer not null,\n    feed_epoch integer not null,\n    feed_position integer not null,\n    feed_hash blob not null,\n    own_feed_epoch integer not null,\n    feed_forks text not null,\n    head_office text not null\n  )',
  'create table office (\n    office text not null primary key,\n    name text not null,\n    status text not null,\n    subscribe text not null,\n    cursor_epoch integer not null,\n    cursor_seq integer not null,\n    cursor_hash blob not null,\n    granted_epoch integer not null,\n    session integer not null,\n    session_confirmed integer not null,\n    instance text not null,\n    lease_until_ms integer not null,\n    last_contact_at_ms integer not null,\n    safe_seq integer not null,\n    added_at_ms integer not null\n  )',
  'create table event ('.concat(EVENT_COLUMNS, ')'),
  'create unique index event_office_seq_epoch on event (office, seq, epoch)',
  'create index event_office_id on event (office, id)',
  'create index event_entity on event (dataset, scope, entity_id)',
  'create index event_scope_position on event (scope, by_owner, position, office)',
  'create table displaced_event ('.concat(EVENT_COLUMNS, ')'),
  'create table waiting (\n    position integer not null primary key,\n    dataset text not null,\n    scope text not null,\n    entity_id text not null,\n    status text not null,\n    reason text not null,\n    detail text not null,\n    since_ms integer not null\n  )',
  'create index waiting_entity on waiting (dataset, scope, entity_id)',
  'create table conflict_case (\n    id text not null primary key,\n    dataset text not null,\n    scope text not null,\n    entity_id text not null,\n    status text not null,\n    opened_at text not null,\n    settled_at text null,\n    body text not null\n  )',
  'create index conflict_case_entity on conflict_case (dataset, scope, entity_id, status)',
  'create index conflict_case_status on conflict_case (status, id)',
  'create table digest (\n    dataset text not null,\n    scope text not null,\n    bucket integer not null,\n    count integer not null,\n    events blob not null,\n    state blob not null,\n    primary key (dataset, scope, bucket)\n  )',
  'create table entity (\n    dataset text not null,\n    scope text not null,\n    entity_id text not null,\n    entity_state text not null,\n    primary key (dataset, scope, entity_id)\n  )',
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
