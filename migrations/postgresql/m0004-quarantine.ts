import { Migration } from '@mikro-orm/migrations';

/** Whose the waiting events are, and at a branch what the head keeps of it. Frozen: a change is another migration. */
export class M0004Quarantine extends Migration {
  override name = 'm0004-quarantine';

  override up(): void {
    this.addSql(`alter table waiting add column office text collate "C" not null default ''`);
    this.addSql(
      'update waiting set office = coalesce(' +
        `(select event.office from event where event.position = waiting.position), '')`,
    );
    this.addSql('create index waiting_office on waiting (office, status, position)');
    this.addSql(`alter table office add column quarantined text collate "C" not null default ''`);
  }
}
