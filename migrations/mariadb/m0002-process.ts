import { Migration } from '@mikro-orm/migrations';

/** Who has a branch's database to itself. Frozen: a change is another migration. */
export class M0002Process extends Migration {
  override name = 'm0002-process';

  override async up(): Promise<void> {
    const [server] = await this.execute('select version() as version');
    const isMariaDb = /mariadb/i.test(String((server as { version?: unknown } | undefined)?.version));
    const collation = isMariaDb ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
    this.addSql(
      'create table if not exists `process` (id int not null, host longtext not null, pid bigint not null, ' +
        'since_ms bigint not null, primary key (id)) ' +
        `engine = InnoDB default character set utf8mb4 collate ${collation}`,
    );
  }
}
