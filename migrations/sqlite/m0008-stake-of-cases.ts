import { Migration } from '@mikro-orm/migrations';

/** What is at stake in a conflict, to look for by. Frozen: a change is another migration. */
export class M0008StakeOfCases extends Migration {
  override name = 'm0008-stake-of-cases';

  override up(): void {
    this.addSql('alter table conflict_case add column at_stake text');
  }
}
