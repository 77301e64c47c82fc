import mysql from 'mysql2';
import type { Family, Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import type { Table } from '../table.ts';
import { byKeyText, findText, insertText, upsertText } from './mysql-text.ts';

type Rows = readonly (readonly SqlValue[])[];

/** A connection, or whatever stands for one. */
export interface Asked {
  execute(sql: string, values: unknown[]): Promise<[unknown, unknown]>;
  query(sql: string): Promise<[unknown, unknown]>;
}

/** Rows in one statement; every number up to it is a statement of its own that stays prepared. */
const MOST_ROWS = 128;
const MOST_KEYS = 512;
/** Half of the smallest `max_allowed_packet` in use, less the largest event. */
const MOST_BYTES = 6 * 1024 * 1024;

export class MysqlSql implements Sql {
  readonly family: Family;
  readonly #asked: Asked;

  constructor(family: Family, asked: Asked) {
    this.family = family;
    this.#asked = asked;
  }

  async all(text: string, values: readonly SqlValue[] = []): Promise<SqlRow[]> {
    const [rows] = await this.#asked.execute(text, values.map(bindable));
    return Array.isArray(rows) ? (rows as SqlRow[]) : [];
  }

  async run(text: string, values: readonly SqlValue[] = []): Promise<void> {
    await this.all(text, values);
  }

  async insert(table: Table, rows: Rows): Promise<void> {
    for (const part of partsOf(rows)) await this.all(insertText(table, part.length), part.flat());
  }

  async upsert(table: Table, rows: Rows): Promise<void> {
    for (const part of partsOf(rows)) await this.all(upsertText(table, part.length), part.flat());
  }

  async find(lookup: Lookup, keys: Rows): Promise<SqlRow[]> {
    const found: SqlRow[] = [];
    for (const part of keyPartsOf(keys)) {
      found.push(...(await this.all(findText(lookup, part.length), part.flat())));
    }
    return found;
  }

  async runByKey(text: string, key: Lookup['key'], keys: Rows): Promise<void> {
    for (const part of keyPartsOf(keys)) await this.all(byKeyText(text, key, part.length), part.flat());
  }

  async script(text: string): Promise<{ rows: SqlRow[]; changed: number }> {
    const [result] = await this.#asked.query(text);
    if (Array.isArray(result)) return { rows: result as SqlRow[], changed: 0 };
    return { rows: [], changed: (result as { affectedRows?: number }).affectedRows ?? 0 };
  }
}

/** Numbers would be sent as floats, which LIMIT refuses and which cost an index. */
function bindable(value: SqlValue): unknown {
  if (typeof value === 'number') return mysql.TypedParameter.BIGINT(value);
  if (!(value instanceof Uint8Array)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function* partsOf(rows: Rows): Generator<Rows> {
  let part: (readonly SqlValue[])[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = row.reduce((sum: number, value) => sum + sizeOf(value), 0);
    if (part.length === MOST_ROWS || (part.length > 0 && bytes + size > MOST_BYTES)) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(row);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function sizeOf(value: SqlValue): number {
  if (typeof value === 'string') return value.length * 3;
  return value instanceof Uint8Array ? value.length : 8;
}

/** Filled up to a power of two with the last key, so that a few statements serve any number of keys. */
function* keyPartsOf(keys: Rows): Generator<Rows> {
  for (let at = 0; at < keys.length; at += MOST_KEYS) {
    const part = keys.slice(at, at + MOST_KEYS);
    const size = 2 ** Math.ceil(Math.log2(part.length));
    yield [...part, ...Array.from({ length: size - part.length }, () => part.at(-1)!)];
  }
}
