import { Migration } from '@mikro-orm/migrations';

const FIND =
  'select 1 from information_schema.statistics where table_schema = database() ' +
  `and table_name = 'conflict_case' and index_name = 'conflict_case_scope'`;

/** The cases of one office, page by page. Frozen: a change is another migration. */
export class M0003CasesOfScope extends Migration {
  override name = 'm0003-cases-of-scope';

  override async up(): Promise<void> {
    if ((await this.execute(FIND)).length > 0) return; // of a run that did not come to its end
    this.addSql('create index conflict_case_scope on conflict_case (scope, id)');
  }
}
