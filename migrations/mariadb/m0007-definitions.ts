import { Migration } from '@mikro-orm/migrations';

const HAS_COLUMN =
  'select 1 from information_schema.columns where table_schema = database() and table_name = ? and column_name = ?';

/**
 * How often the datasets have changed here, and what each branch says of its own. Every step may have been done by a run
 * that did not come to its end. Frozen: a change is another migration.
 */
export class M0007Definitions extends Migration {
  override name = 'm0007-definitions';

  override async up(): Promise<void> {
    await this.#addColumn('log', 'definitions', 'bigint not null default 0');
    await this.#addColumn('office', 'datasets', 'longtext null');
  }

  async #addColumn(table: string, column: string, type: string): Promise<void> {
    if ((await this.execute(HAS_COLUMN, [table, column])).length > 0) return;
    this.addSql(`alter table ${table} add column ${column} ${type}`);
  }
}
