import { Migration } from '@mikro-orm/migrations';

const HAS_COLUMN =
  'select 1 from information_schema.columns where table_schema = database() and table_name = ? and column_name = ?';
const HAS_INDEX =
  'select 1 from information_schema.statistics where table_schema = database() ' +
  `and table_name = 'event' and index_name = ?`;

/** Events in one statement, and so in one transaction. */
const AT_ONCE = 10_000;

type EventTable = 'event' | 'displaced_event';

/**
 * Only own events with a derived id are looked for by it: an index over all ids cost every event its part. Every step may
 * have been done by a run that did not come to its end. Frozen.
 */
export class M0006KeyedEvents extends Migration {
  override name = 'm0006-keyed-events';

  override async up(): Promise<void> {
    await this.#addKeyed('event', 'and office = (select office from log)');
    if (await this.#hasIndex('event_office_id')) await this.execute('drop index event_office_id on event');
    await this.#dropId('event');
    if (!(await this.#hasIndex('event_keyed')))
      await this.execute('create index event_keyed on event (keyed)');
    await this.#addKeyed('displaced_event', '');
    await this.#dropId('displaced_event');
  }

  async #addKeyed(table: EventTable, condition: string): Promise<void> {
    if (!(await this.#hasColumn(table, 'keyed')))
      await this.execute(`alter table ${table} add column keyed varchar(18) null`);
    if (!(await this.#hasColumn(table, 'id'))) return; // all of them were, before it was dropped
    for (let after = 0; ;) {
      const upTo = await this.#endOfPart(table, after);
      if (upTo === null) return;
      await this.execute(
        `update ${table} force index (primary) set keyed = substr(id, 1, 18) ` +
          `where position > ${after} and position <= ${upTo} and substr(id, 15, 1) = '8' ${condition}`,
      );
      after = upTo;
    }
  }

  async #endOfPart(table: EventTable, after: number): Promise<number | null> {
    const part = `select position from ${table} where position > ${after} order by position limit ${AT_ONCE}`;
    const [row] = await this.execute(`select max(position) as last from (${part}) p`);
    const last = (row as { last: unknown } | undefined)?.last ?? null;
    return last === null ? null : Number(last);
  }

  async #dropId(table: EventTable): Promise<void> {
    if (await this.#hasColumn(table, 'id')) await this.execute(`alter table ${table} drop column id`);
  }

  async #hasColumn(table: EventTable, column: string): Promise<boolean> {
    return (await this.execute(HAS_COLUMN, [table, column])).length > 0;
  }

  async #hasIndex(name: string): Promise<boolean> {
    return (await this.execute(HAS_INDEX, [name])).length > 0;
  }
}
