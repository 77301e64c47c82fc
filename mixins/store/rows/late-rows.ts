import type { EntityKey, OfficeId } from '../../../domain/event.ts';
import type { LateChange, LateRow } from '../../../domain/projections/moment.ts';
import type { Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import type { EventStatus } from '../store.ts';
import { table } from '../table.ts';
import { distinctKeys, ENTITY_KEY } from './entity-key.ts';
import { keysOf } from './event-rows.ts';
import { integer, text } from './read-value.ts';

const LATE = table('late', ['no'], {
  no: 'integer',
  at_position: 'integer',
  position: 'integer',
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  change_kind: 'text',
});

const STANDING = 'position, dataset, scope, entity_id, status';
const BY_POSITION: Lookup = {
  table: 'event',
  select: STANDING,
  key: [{ name: 'position', kind: 'integer' }],
};
const OF_ENTITY: Lookup = { table: 'late', select: '*', key: ENTITY_KEY };

type Noted = Omit<LateRow, 'no' | 'atPosition'>;

/** Collects what changes late in one transaction, which has locked the log, and numbers it at the end. */
export class LateNotes {
  readonly #sql: Sql;
  readonly #noted: Noted[] = [];

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Before the status is set. */
  async noteStatus(positions: readonly number[], status: EventStatus): Promise<void> {
    const counts = status === 'applied';
    for (const row of await this.#sql.find(BY_POSITION, keysOf(positions))) {
      if ((row['status'] === 'applied') !== counts) this.#note(row, counts ? 'applied' : 'set-aside');
    }
  }

  /** Before they are displaced. */
  async noteDisplaced(office: OfficeId, seq: number): Promise<void> {
    const rows = await this.#sql.all(
      `select ${STANDING} from event where office = ? and seq > ? and status = 'applied' order by position`,
      [office, seq],
    );
    for (const row of rows) this.#note(row, 'displaced');
  }

  async write(): Promise<void> {
    if (this.#noted.length === 0) return;
    const [end] = await this.#sql.all(
      'select (select position from log where id = 1) as position, (select coalesce(max(no), 0) from late) as no',
    );
    const [position, last] = [integer(end ?? {}, 'position'), integer(end ?? {}, 'no')];
    const rows = this.#noted.map((noted, index) =>
      lateValues({ ...noted, no: last + index + 1, atPosition: position }),
    );
    await this.#sql.insert(LATE, rows);
  }

  #note(row: SqlRow, change: LateChange): void {
    this.#noted.push({
      position: integer(row, 'position'),
      dataset: text(row, 'dataset'),
      scope: text(row, 'scope'),
      entityId: text(row, 'entity_id'),
      change,
    });
  }
}

/** All late changes of these entities, in no certain order. */
export async function lateOf(sql: Sql, keys: readonly EntityKey[]): Promise<LateRow[]> {
  return (await sql.find(OF_ENTITY, distinctKeys(keys))).map(lateOfRow);
}

/** `after < no <= upTo`, in order. */
export async function lateAfter(sql: Sql, dataset: string, after: number, upTo: number): Promise<LateRow[]> {
  const rows = await sql.all('select * from late where no > ? and no <= ? order by no', [after, upTo]);
  return rows.map(lateOfRow).filter((row) => row.dataset === dataset); // here: SQLite would go through all of the dataset
}

export function lateOfRow(row: SqlRow): LateRow {
  return {
    no: integer(row, 'no'),
    atPosition: integer(row, 'at_position'),
    position: integer(row, 'position'),
    dataset: text(row, 'dataset'),
    scope: text(row, 'scope'),
    entityId: text(row, 'entity_id'),
    change: text(row, 'change_kind') as LateChange,
  };
}

function lateValues({ no, atPosition, position, dataset, scope, entityId, change }: LateRow): SqlValue[] {
  return [no, atPosition, position, dataset, scope, entityId, change];
}
