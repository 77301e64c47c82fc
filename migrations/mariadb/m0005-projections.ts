import { Migration } from '@mikro-orm/migrations';

const TABLES: Readonly<Record<string, string>> = {
  late: `
    no bigint not null,
    at_position bigint not null,
    position bigint not null,
    dataset varchar(32) not null,
    scope varchar(32) not null,
    entity_id varchar(128) not null,
    change_kind varchar(32) not null,
    primary key (no),
    index late_entity (dataset, scope, entity_id),
    index late_at_position (at_position)
  `,
  projection: `
    name varchar(64) not null,
    base varchar(64) not null,
    kind varchar(32) not null,
    version bigint not null,
    state varchar(32) not null,
    position bigint not null,
    late_no bigint not null,
    holder varchar(36) not null,
    token bigint not null,
    lease_until_ms bigint not null,
    failures bigint not null,
    updated_at_ms bigint not null,
    job longtext not null,
    primary key (name)
  `,
  projection_failure: `
    projection varchar(64) not null,
    dataset varchar(32) not null,
    scope varchar(32) not null,
    entity_id varchar(128) not null,
    reason varchar(64) not null,
    detail longtext not null,
    since_ms bigint not null,
    primary key (projection, dataset, scope, entity_id)
  `,
};

/**
 * What changed late, how far projections have followed, and what they could not enter. Each step may find its work done
 * by an earlier run that did not come to its end. Frozen: a change is another migration.
 */
export class M0005Projections extends Migration {
  override name = 'm0005-projections';

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
