import { Migration } from '@mikro-orm/migrations';

const STATEMENTS = [
  `create table late (
    no integer not null,
    at_position integer not null,
    position integer not null,
    dataset text not null,
    scope text not null,
    entity_id text not null,
    change_kind text not null,
    primary key (no)
  )`,
  'create index late_entity on late (dataset, scope, entity_id)',
  'create index late_at_position on late (at_position)',
  `create table projection (
    name text not null,
    base text not null,
    kind text not null,
    version integer not null,
    state text not null,
    position integer not null,
    late_no integer not null,
    holder text not null,
    token integer not null,
    lease_until_ms integer not null,
    failures integer not null,
    updated_at_ms integer not null,
    job text not null,
    primary key (name)
  )`,
  `create table projection_failure (
    projection text not null,
    dataset text not null,
    scope text not null,
    entity_id text not null,
    reason text not null,
    detail text not null,
    since_ms integer not null,
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
