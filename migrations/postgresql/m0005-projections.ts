import { Migration } from '@mikro-orm/migrations';

const STATEMENTS = [
  `create table late (
    no bigint not null,
    at_position bigint not null,
    position bigint not null,
    dataset text collate "C" not null,
    scope text collate "C" not null,
    entity_id text collate "C" not null,
    change_kind text collate "C" not null,
    primary key (no)
  )`,
  'create index late_entity on late (dataset, scope, entity_id)',
  'create index late_at_position on late (at_position)',
  `create table projection (
    name text collate "C" not null,
    base text collate "C" not null,
    kind text collate "C" not null,
    version bigint not null,
    state text collate "C" not null,
    position bigint not null,
    late_no bigint not null,
    holder text collate "C" not null,
    token bigint not null,
    lease_until_ms bigint not null,
    failures bigint not null,
    updated_at_ms bigint not null,
    job text collate "C" not null,
    primary key (name)
  )`,
  `create table projection_failure (
    projection text collate "C" not null,
    dataset text collate "C" not null,
    scope text collate "C" not null,
    entity_id text collate "C" not null,
    reason text collate "C" not null,
    detail text collate "C" not null,
    since_ms bigint not null,
    primary key (projection, dataset, scope, entity_id)
  )`,
];

/** What changed late, how far projections have followed, and what they could not enter. Frozen: a change is another migration. */
export class M0005Projections extends Migration {
  override name = 'm0005-projections';

  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}
