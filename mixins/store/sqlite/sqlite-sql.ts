import type { DatabaseSync, StatementSync, SQLInputValue } from 'node:sqlite';
import type { Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import { columnList, quoted, type Table } from '../table.ts';

/** Statements that are kept prepared; a program asks for far fewer. */
const MAX_PREPARED = 500;
const READS = /^\s*(select|pragma|explain|with|values)\b/i;

/** node:sqlite with statements kept prepared. Synchronous inside: each call is over when it returns. */
export class SqliteSql implements Sql {
  readonly family = 'sqlite';
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async all(text: string, values: readonly SqlValue[] = []): Promise<SqlRow[]> {
    return this.#prepare(text).all(...values.map(bindable)) as SqlRow[];
  }

  async run(text: string, values: readonly SqlValue[] = []): Promise<void> {
    this.#prepare(text).run(...values.map(bindable));
  }

  async insert(table: Table, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    this.#runEach(insertText(table), rows);
  }

  async upsert(table: Table, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    this.#runEach(upsertText(table), rows);
  }

  async find(lookup: Lookup, keys: readonly (readonly SqlValue[])[]): Promise<SqlRow[]> {
    const statement = this.#prepare(
      `select ${lookup.select} from ${quoted(lookup.table)} where ${condition(lookup.key)}`,
    );
    return this.#atOnce(keys.length, () =>
      keys.flatMap((key) => statement.all(...key.map(bindable)) as SqlRow[]),
    );
  }

  async runByKey(text: string, key: Lookup['key'], keys: readonly (readonly SqlValue[])[]): Promise<void> {
    this.#runEach(`${text} ${condition(key)}`, keys);
  }

  async script(text: string): Promise<{ rows: SqlRow[]; changed: number }> {
    if (READS.test(text) || /\breturning\b/i.test(text)) {
      return { rows: this.#db.prepare(text).all() as SqlRow[], changed: 0 };
    }
    this.#db.exec(text);
    const [row] = await this.all('select changes() as changed');
    return { rows: [], changed: Number(row?.['changed'] ?? 0) };
  }

  /** Several statements that see the same moment, although other processes may commit between them. */
  #atOnce<T>(statements: number, read: () => T): T {
    if (statements < 2 || this.#db.isTransaction) return read();
    this.#prepare('begin').run();
    try {
      return read();
    } finally {
      this.#prepare('commit').run();
    }
  }

  #runEach(text: string, rows: readonly (readonly SqlValue[])[]): void {
    const statement = this.#prepare(text);
    for (const row of rows) statement.run(...row.map(bindable));
  }

  #prepare(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known) return known;
    if (this.#prepared.size >= MAX_PREPARED) this.#prepared.clear();
    const statement = this.#db.prepare(text);
    this.#prepared.set(text, statement);
    return statement;
  }
}

function bindable(value: SqlValue): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : value;
}

function condition(key: Lookup['key']): string {
  return key.map(({ name }) => `${quoted(name)} = ?`).join(' and ');
}

function insertText(table: Table): string {
  const places = table.columns.map(() => '?').join(', ');
  return `insert into ${quoted(table.name)} (${columnList(table)}) values (${places})`;
}

function upsertText(table: Table): string {
  const changes = table.columns
    .filter(({ name }) => !table.key.includes(name))
    .map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`);
  return `${insertText(table)} on conflict (${table.key.map(quoted).join(', ')}) do update set ${changes.join(', ')}`;
}
