import { Migration } from '@mikro-orm/migrations';

const EVENT_COLUMNS = `
  position integer not null primary key,
  office text not null,
  epoch integer not null,
  seq integer not null,
  id text not null,
  dataset text not null,
  scope text not null,
  entity_id text not null,
  by_owner integer not null,
  status text not null,
  size integer not null,
  hash blob not null,
  bytes blob not null
`;

const STATEMENTS = [
  `create table log (
    id integer not null primary key,
    office text not null,
    role text not null,
    tail_epoch integer not null,
    tail_seq integer not null,
    tail_hash blob not null,
    position integer not null,
    at text not null,
    hold text not null,
    paused integer not null,
    waiting integer not null,
    session integer not null,
    acked_epoch integer not null,
    acked_seq integer not null,
    acked_hash blob not null,
    safe_seq integer not null,
    feed_epoch integer not null,
    feed_position integer not null,
    feed_hash blob not null,
    own_feed_epoch integer not null,
    feed_forks text not null,
    head_office text not null
  )`,
  `create table office (
    office text not null primary key,
    name text not null,
    status text not null,
    subscribe text not null,
    cursor_epoch integer not null,
    cursor_seq integer not null,
    cursor_hash blob not null,
    granted_epoch integer not null,
    session integer not null,
    session_confirmed integer not null,
    instance text not null,
    lease_until_ms integer not null,
    last_contact_at_ms integer not null,
    safe_seq integer not null,
    added_at_ms integer not null
  )`,
  `create table event (${EVENT_COLUMNS})`,
  'create unique index event_office_seq_epoch on event (office, seq, epoch)',
  'create index event_office_id on event (office, id)',
  'create index event_entity on event (dataset, scope, entity_id)',
  'create index event_scope_position on event (scope, by_owner, position, office)',
  `create table displaced_event (${EVENT_COLUMNS})`,
  `create table waiting (
    position integer not null primary key,
    dataset text not null,
    scope text not null,
    entity_id text not null,
    status text not null,
    reason text not null,
    detail text not null,
    since_ms integer not null
  )`,
  'create index waiting_entity on waiting (dataset, scope, entity_id)',
  `create table conflict_case (
    id text not null primary key,
    dataset text not null,
    scope text not null,
    entity_id text not null,
    status text not null,
    opened_at text not null,
    settled_at text null,
    body text not null
  )`,
  'create index conflict_case_entity on conflict_case (dataset, scope, entity_id, status)',
  'create index conflict_case_status on conflict_case (status, id)',
  `create table digest (
    dataset text not null,
    scope text not null,
    bucket integer not null,
    count integer not null,
    events blob not null,
    state blob not null,
    primary key (dataset, scope, bucket)
  )`,
  `create table entity (
    dataset text not null,
    scope text not null,
    entity_id text not null,
    entity_state text not null,
    primary key (dataset, scope, entity_id)
  )`,
];

/** The fixed tables. Frozen: a change is another migration. */
export class M0001OfficeTables extends Migration {
  override name = 'm0001-office-tables';

  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}
