// Puts what a branch has in SQLite into the same tables of a server, faster than it could be sold there again.
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import mysql from 'mysql2/promise';
import pg from 'pg';

/** A column of the server's table; SQLite has the same one in its own type. */
interface Column {
  readonly name: string;
  readonly type: string;
  readonly scale: number | null;
}

type Row = readonly unknown[];

interface Target {
  /** Of every table that it has. */
  columns(): Promise<ReadonlyMap<string, readonly Column[]>>;
  empty(table: string): Promise<unknown>;
  insert(table: string, columns: readonly Column[], rows: readonly Row[]): Promise<unknown>;
  /** What a server does by itself after a while: statistics for its plans. */
  settle(tables: readonly string[]): Promise<unknown>;
  close(): Promise<void>;
}

const ROWS_AT_ONCE = 1_000;
/** Each database's own: which migrations it has had, which process runs on it. */
const OWN_TABLES = new Set(['migration', 'process']);

/** The tables are there and hold nothing but the log's row. */
export async function copyIntoServer(file: string, url: string): Promise<void> {
  const source = new DatabaseSync(file, { readOnly: true });
  const target = url.startsWith('postgresql:') ? await openPostgres(url) : await openMariaDb(url);
  try {
    const tables = [...(await target.columns())].filter(([name]) => isIn(source, name));
    for (const [table, columns] of tables) await copyTable(source, target, table, columns);
    await target.settle(tables.map(([name]) => name));
  } finally {
    source.close();
    await target.close();
  }
}

function isIn(source: DatabaseSync, table: string): boolean {
  if (OWN_TABLES.has(table)) return false;
  const found = source.prepare(`select 1 from sqlite_master where type = 'table' and name = ?`).get(table);
  return found !== undefined;
}

async function copyTable(
  source: DatabaseSync,
  target: Target,
  table: string,
  columns: readonly Column[],
): Promise<void> {
  await target.empty(table);
  const select = source.prepare(
    `select ${columns.map(({ name }) => `"${name}"`).join(', ')} from "${table}"`,
  );
  select.setReturnArrays(true);
  select.setReadBigInts(true);
  let rows: Row[] = [];
  let inserting: Promise<unknown> = Promise.resolve();
  for (const row of select.iterate() as unknown as Iterable<SQLOutputValue[]>) {
    rows.push(row.map((value, index) => converted(value, columns[index]!)));
    if (rows.length < ROWS_AT_ONCE) continue;
    await inserting; // the next ones are read meanwhile
    inserting = target.insert(table, columns, rows);
    inserting.catch(() => {}); // seen when it is waited for
    rows = [];
  }
  await inserting;
  if (rows.length > 0) await target.insert(table, columns, rows);
}

/** SQLite keeps decimals scaled (wide sums as text), moments as text and flags as numbers. */
function converted(value: SQLOutputValue, { type, scale }: Column): unknown {
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (/^(numeric|decimal)$/.test(type) && typeof value === 'bigint') return withPoint(value, scale ?? 0);
  if (/^(bool|tinyint)$/.test(type)) return Number(value);
  if (/^(timestamp|datetime)/.test(type)) return String(value).replace('T', ' ').replace('Z', '');
  return typeof value === 'bigint' ? String(value) : value;
}

export function withPoint(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return units < 0n ? `-${text}` : text;
}

function grouped(rows: readonly { t: string; name: string; type: string; scale: number | null }[]) {
  const tables = Map.groupBy(rows, ({ t }) => t);
  return new Map(
    [...tables].map(([table, columns]) => [table, columns.map(({ t: _, ...column }) => column)]),
  );
}

/** Those that are no constraint. */
const PLAIN_INDEXES = `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
  from pg_index join pg_class on pg_class.oid = indrelid and relnamespace = 'public'::regnamespace
  where not exists (select 1 from pg_constraint where conindid = indexrelid)`;

async function openPostgres(url: string): Promise<Target> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('set synchronous_commit = off'); // what is copied can be copied again
  const quoted = (name: string): string => `"${name}"`;
  const indexes = await client.query<{ name: string; definition: string }>(PLAIN_INDEXES);
  for (const { name } of indexes.rows) await client.query(`drop index ${name}`); // made anew in the end, of all rows at once
  return {
    columns: async () => {
      const { rows } = await client.query(`select table_name as t, column_name as name, udt_name as type,
        numeric_scale as scale from information_schema.columns where table_schema = 'public' order by ordinal_position`);
      return grouped(rows);
    },
    empty: (table) => client.query(`delete from ${quoted(table)}`),
    insert: (table, columns, rows) =>
      client.query({
        name: `into ${table}`,
        text: `insert into ${quoted(table)} (${columns.map(({ name }) => quoted(name)).join(', ')})
          select * from unnest(${columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')})`,
        values: columns.map((_, index) => rows.map((row) => row[index])),
      }),
    settle: async (tables) => {
      for (const { definition } of indexes.rows) await client.query(definition);
      await client.query(`vacuum analyze ${tables.map(quoted).join(', ')}`);
    },
    close: () => client.end(),
  };
}

async function openMariaDb(url: string): Promise<Target> {
  const connection = await mysql.createConnection({ uri: url.replace(/^mariadb:/, 'mysql:') });
  await connection.query('set unique_checks = 0, innodb_strict_mode = 1');
  const quoted = (name: string): string => `\`${name}\``;
  const tuples = (rows: number, columns: number): string =>
    Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => '?').join(', ')})`).join(
      ', ',
    );
  return {
    columns: async () => {
      const [rows] = await connection.query(`select table_name as t, column_name as name, data_type as type,
        numeric_scale as scale from information_schema.columns where table_schema = database() order by ordinal_position`);
      return grouped(rows as { t: string; name: string; type: string; scale: number | null }[]);
    },
    empty: (table) => connection.query(`delete from ${quoted(table)}`),
    insert: (table, columns, rows) =>
      connection.execute(
        `insert into ${quoted(table)} (${columns.map(({ name }) => quoted(name)).join(', ')})
          values ${tuples(rows.length, columns.length)}`,
        rows.flat() as string[],
      ),
    settle: (tables) => connection.query(`analyze table ${tables.map(quoted).join(', ')}`),
    close: () => connection.end(),
  };
}
