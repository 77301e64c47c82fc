import { Migration } from '@mikro-orm/migrations';

/** The cases of one office, page by page. Frozen: a change is another migration. */
export class M0003CasesOfScope extends Migration {
  override name = 'm0003-cases-of-scope';

  override up(): void {
    this.addSql('create index conflict_case_scope on conflict_case (scope, id)');
  }
}
