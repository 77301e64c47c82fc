import type { QueryConfig, QueryResult } from 'pg';
import type { Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import type { ColumnKind, Table } from '../table.ts';
import { arrayParameter } from './binary-arrays.ts';
import { byKeyText, findText, insertText, numbered, upsertText } from './postgres-text.ts';

/** Asks a pool, or the one connection of a transaction. */
export type Ask = (query: QueryConfig) => Promise<QueryResult<Record<string, unknown>>>;

/** Statements as the server knows them, by the text they were made from: prepared once on each connection. */
const prepared = new Map<string, { readonly name: string; readonly text: string }>();

function statement(text: string): { readonly name: string; readonly text: string } {
  let known = prepared.get(text);
  if (known === undefined) {
    known = { name: `branchline_${prepared.size + 1}`, text: numbered(text) };
    prepared.set(text, known);
  }
  return known;
}

export class PostgresSql implements Sql {
  readonly family = 'postgresql';
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async all(text: string, values: readonly SqlValue[] = []): Promise<SqlRow[]> {
    const { rows } = await this.#ask({ ...statement(text), values: [...values] });
    return rows;
  }

  async run(text: string, values: readonly SqlValue[] = []): Promise<void> {
    await this.all(text, values);
  }

  async insert(table: Table, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    await this.#askMany(insertText(table), table.columns, rows);
  }

  async upsert(table: Table, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    await this.#askMany(upsertText(table), table.columns, rows);
  }

  async find(lookup: Lookup, keys: readonly (readonly SqlValue[])[]): Promise<SqlRow[]> {
    return this.#askMany(findText(lookup), lookup.key, keys);
  }

  async runByKey(text: string, key: Lookup['key'], keys: readonly (readonly SqlValue[])[]): Promise<void> {
    await this.#askMany(byKeyText(text, key), key, keys);
  }

  async script(text: string): Promise<{ rows: SqlRow[]; changed: number }> {
    const result = await this.#ask({ text });
    return { rows: result.rows ?? [], changed: result.rowCount ?? 0 };
  }

  async #askMany(
    text: string,
    columns: readonly { readonly kind: ColumnKind }[],
    rows: readonly (readonly SqlValue[])[],
  ): Promise<SqlRow[]> {
    if (rows.length === 0) return [];
    const values = columns.map(({ kind }, index) =>
      arrayParameter(
        kind,
        rows.map((row) => row[index]!),
      ),
    );
    return (await this.#ask({ ...statement(text), values })).rows;
  }
}
