import { Migration } from '@mikro-orm/migrations';

/** Who has a branch's database to itself. Frozen: a change is another migration. */
export class M0002Process extends Migration {
  override name = 'm0002-process';

  override up(): void {
    this.addSql(
      'create table process (id integer not null primary key, host text collate "C" not null, ' +
        'pid bigint not null, since_ms bigint not null)',
    );
  }
}
