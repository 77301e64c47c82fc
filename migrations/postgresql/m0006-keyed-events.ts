import { Migration } from '@mikro-orm/migrations';

/** Only own events with a derived id are looked for by it: an index over all ids cost every event its part. Frozen. */
export class M0006KeyedEvents extends Migration {
  override name = 'm0006-keyed-events';

  override up(): void {
    this.addSql('alter table event add column keyed text collate "C"');
    this.addSql(
      `update event set keyed = substr(id, 1, 18) where substr(id, 15, 1) = '8' and office = (select office from log)`,
    );
    this.addSql('drop index event_office_id');
    this.addSql('alter table event drop column id');
    this.addSql('create index event_keyed on event (keyed) where keyed is not null');
    this.addSql('alter table displaced_event add column keyed text collate "C"');
    this.addSql(`update displaced_event set keyed = substr(id, 1, 18) where substr(id, 15, 1) = '8'`);
    this.addSql('alter table displaced_event drop column id');
  }
}
