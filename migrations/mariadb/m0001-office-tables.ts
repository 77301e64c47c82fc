import { Migration } from '@mikro-orm/migrations';

const EVENT_COLUMNS = `
  position bigint not null,
  office varchar(32) not null,
  epoch bigint not null,
  seq bigint not null,
  id varchar(36) not null,
  dataset varchar(32) not null,
  scope varchar(32) not null,
  entity_id varchar(128) not null,
  by_owner bigint not null,
  status varchar(32) not null,
  size bigint not null,
  hash varbinary(32) not null,
  bytes longblob not null,
  primary key (position)
`;

const TABLES: Readonly<Record<string, string>> = {
  log: `
    id int not null,
    office varchar(32) not null,
    role varchar(32) not null,
    tail_epoch bigint not null,
    tail_seq bigint not null,
    tail_hash varbinary(32) not null,
    position bigint not null,
    at varchar(32) not null,
    hold varchar(32) not null,
    paused tinyint(1) not null,
    waiting bigint not null,
    session bigint not null,
    acked_epoch bigint not null,
    acked_seq bigint not null,
    acked_hash varbinary(32) not null,
    safe_seq bigint not null,
    feed_epoch bigint not null,
    feed_position bigint not null,
    feed_hash varbinary(32) not null,
    own_feed_epoch bigint not null,
    feed_forks longtext not null,
    head_office varchar(32) not null,
    primary key (id)
  `,
  office: `
    office varchar(32) not null,
    name longtext not null,
    status varchar(32) not null,
    subscribe varchar(32) not null,
    cursor_epoch bigint not null,
    cursor_seq bigint not null,
    cursor_hash varbinary(32) not null,
    granted_epoch bigint not null,
    session bigint not null,
    session_confirmed tinyint(1) not null,
    instance longtext not null,
    lease_until_ms bigint not null,
    last_contact_at_ms bigint not null,
    safe_seq bigint not null,
    added_at_ms bigint not null,
    primary key (office)
  `,
  event: `${EVENT_COLUMNS},
    unique index event_office_seq_epoch (office, seq, epoch),
    index event_office_id (office, id),
    index event_entity (dataset, scope, entity_id),
    index event_scope_position (scope, by_owner, position, office)
  `,
  displaced_event: EVENT_COLUMNS,
  waiting: `
    position bigint not null,
    dataset varchar(32) not null,
    scope varchar(32) not null,
    entity_id varchar(128) not null,
    status varchar(32) not null,
    reason longtext not null,
    detail longtext not null,
    since_ms bigint not null,
    primary key (position),
    index waiting_entity (dataset, scope, entity_id)
  `,
  conflict_case: `
    id varchar(36) not null,
    dataset varchar(32) not null,
    scope varchar(32) not null,
    entity_id varchar(128) not null,
    status varchar(32) not null,
    opened_at varchar(32) not null,
    settled_at varchar(32) null,
    body longtext not null,
    primary key (id),
    index conflict_case_entity (dataset, scope, entity_id, status),
    index conflict_case_status (status, id)
  `,
  digest: `
    dataset varchar(32) not null,
    scope varchar(32) not null,
    bucket bigint not null,
    \`count\` bigint not null,
    events varbinary(32) not null,
    state varbinary(32) not null,
    primary key (dataset, scope, bucket)
  `,
  entity: `
    dataset varchar(32) not null,
    scope varchar(32) not null,
    entity_id varchar(128) not null,
    entity_state longtext not null,
    primary key (dataset, scope, entity_id)
  `,
};

/**
 * The fixed tables. Frozen: a change is another migration. The server commits after each statement, so each may
 * find its work done by an earlier run that did not come to its end.
 */
export class M0001OfficeTables extends Migration {
  override name = 'm0001-office-tables';

  override async up(): Promise<void> {
    const [server] = await this.execute('select version() as version');
    const isMariaDb = /mariadb/i.test(String((server as { version?: unknown } | undefined)?.version));
    const collation = isMariaDb ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
    const options = `engine = InnoDB default character set utf8mb4 collate ${collation}`;
    for (const [name, columns] of Object.entries(TABLES)) {
      this.addSql(`create table if not exists \`${name}\` (${columns}) ${options}`);
    }
  }
}
