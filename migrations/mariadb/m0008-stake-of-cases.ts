import { Migration } from '@mikro-orm/migrations';

const HAS_COLUMN =
  'select 1 from information_schema.columns where table_schema = database() ' +
  `and table_name = 'conflict_case' and column_name = 'at_stake'`;

/**
 * What is at stake in a conflict, to look for by. It may have been done by a run that did not come to its end. Frozen: a
 * change is another migration.
 */
export class M0008StakeOfCases extends Migration {
  override name = 'm0008-stake-of-cases';

  override async up(): Promise<void> {
    if ((await this.execute(HAS_COLUMN)).length === 0)
      this.addSql('alter table conflict_case add column at_stake varchar(39) null');
  }
}
