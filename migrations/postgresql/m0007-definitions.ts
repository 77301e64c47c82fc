import { Migration } from '@mikro-orm/migrations';

/** How often the datasets have changed here, and what each branch says of its own. Frozen: a change is another migration. */
export class M0007Definitions extends Migration {
  override name = 'm0007-definitions';

  override up(): void {
    this.addSql('alter table log add column definitions bigint not null default 0');
    this.addSql('alter table office add column datasets text collate "C"');
  }
}
