import { Migration } from '@mikro-orm/migrations';

const EVENT_COLUMNS = `
  position bigint not null primary key,
  office text collate "C" not null,
  epoch bigint not null,
  seq bigint not null,
  id text collate "C" not null,
  dataset text collate "C" not null,
  scope text collate "C" not null,
  entity_id text collate "C" not null,
  by_owner bigint not null,
  status text collate "C" not null,
  size bigint not null,
  hash bytea not null,
  bytes bytea not null
`;

const STATEMENTS = [
  `create table log (
    id integer not null primary key,
    office text collate "C" not null,
    role text collate "C" not null,
    tail_epoch bigint not null,
    tail_seq bigint not null,
    tail_hash bytea not null,
    position bigint not null,
    at text collate "C" not null,
    hold text collate "C" not null,
    paused boolean not null,
    waiting bigint not null,
    session bigint not null,
    acked_epoch bigint not null,
    acked_seq bigint not null,
    acked_hash bytea not null,
    safe_seq bigint not null,
    feed_epoch bigint not null,
    feed_position bigint not null,
    feed_hash bytea not null,
    own_feed_epoch bigint not null,
    feed_forks text collate "C" not null,
    head_office text collate "C" not null
  )`,
  `create table office (
    office text collate "C" not null primary key,
    name text collate "C" not null,
    status text collate "C" not null,
    subscribe text collate "C" not null,
    cursor_epoch bigint not null,
    cursor_seq bigint not null,
    cursor_hash bytea not null,
    granted_epoch bigint not null,
    session bigint not null,
    session_confirmed boolean not null,
    instance text collate "C" not null,
    lease_until_ms bigint not null,
    last_contact_at_ms bigint not null,
    safe_seq bigint not null,
    added_at_ms bigint not null
  )`,
  `create table event (${EVENT_COLUMNS})`,
  'create unique index event_office_seq_epoch on event (office, seq, epoch)',
  'create index event_office_id on event (office, id)',
  'create index event_entity on event (dataset, scope, entity_id)',
  'create index event_scope_position on event (scope, by_owner, position, office)',
  `create table displaced_event (${EVENT_COLUMNS})`,
  `create table waiting (
    position bigint not null primary key,
    dataset text collate "C" not null,
    scope text collate "C" not null,
    entity_id text collate "C" not null,
    status text collate "C" not null,
    reason text collate "C" not null,
    detail text collate "C" not null,
    since_ms bigint not null
  )`,
  'create index waiting_entity on waiting (dataset, scope, entity_id)',
  `create table conflict_case (
    id text collate "C" not null primary key,
    dataset text collate "C" not null,
    scope text collate "C" not null,
    entity_id text collate "C" not null,
    status text collate "C" not null,
    opened_at text collate "C" not null,
    settled_at text collate "C" null,
    body text collate "C" not null
  )`,
  'create index conflict_case_entity on conflict_case (dataset, scope, entity_id, status)',
  'create index conflict_case_status on conflict_case (status, id)',
  `create table digest (
    dataset text collate "C" not null,
    scope text collate "C" not null,
    bucket bigint not null,
    count bigint not null,
    events bytea not null,
    state bytea not null,
    primary key (dataset, scope, bucket)
  )`,
  `create table entity (
    dataset text collate "C" not null,
    scope text collate "C" not null,
    entity_id text collate "C" not null,
    entity_state text collate "C" not null,
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
