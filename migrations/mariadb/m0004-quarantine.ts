import { Migration } from '@mikro-orm/migrations';

const HAS_COLUMN =
  'select 1 from information_schema.columns where table_schema = database() and table_name = ? and column_name = ?';
const HAS_INDEX =
  'select 1 from information_schema.statistics where table_schema = database() ' +
  `and table_name = 'waiting' and index_name = 'waiting_office'`;

/**
 * Whose the waiting events are, and at a branch what the head keeps of it. Every step may have been done by a run that
 * did not come to its end. Frozen: a change is another migration.
 */
export class M0004Quarantine extends Migration {
  override name = 'm0004-quarantine';

  override async up(): Promise<void> {
    await this.#addColumn('waiting', 'office', 'varchar(32)');
    this.addSql(
      'update waiting set office = coalesce(' +
        `(select event.office from event where event.position = waiting.position), '')`,
    );
    if ((await this.execute(HAS_INDEX)).length === 0)
      this.addSql('create index waiting_office on waiting (office, status, position)');
    await this.#addColumn('office', 'quarantined', 'varchar(8000)');
  }

  async #addColumn(table: string, column: string, type: string): Promise<void> {
    if ((await this.execute(HAS_COLUMN, [table, column])).length > 0) return;
    this.addSql(`alter table ${table} add column ${column} ${type} not null default ''`);
  }
}
