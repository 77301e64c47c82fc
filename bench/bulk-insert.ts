// What a database can take when somebody only wants rows in a table: the same sales, no log, no hashes, no questions.
import { DatabaseSync } from 'node:sqlite';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { addDecimals, multiplyDecimals } from '../domain/decimal.ts';
import type { Database } from './database.ts';
import { sampleSale } from './sample-sales.ts';

/**
 * The fastest sensible way of each, a thousand rows a transaction, committed durably: PostgreSQL `insert ... select
 * unnest` with one array a column, MariaDB a prepared multi-row insert, SQLite a prepared insert.
 */
export interface BulkInsert {
  /** Rows a second, into an empty table. The rows are made before. */
  rate(rows: number): Promise<number>;
  close(): Promise<void>;
}

type Row = readonly (string | number)[];

interface Loader {
  empty(): Promise<unknown> | void;
  insert(rows: readonly Row[]): Promise<unknown> | void;
  close(): Promise<void>;
}

/** More at once was not faster on any of them. */
const ROWS_AT_ONCE = 1_000;
const NAMES =
  'scope, entity_id, sold_on, product, region, qty, cost, tax, amount, total, created_at, updated_at';
const COLUMNS = NAMES.split(', ').length;
const MADE_AT = '2026-04-01 09:30:00.123';

export async function openBulkInsert(kind: Database, url: string): Promise<BulkInsert> {
  const loader = await LOADERS[kind](url);
  const rate = async (rows: number): Promise<number> => {
    const parts = partsOf(rows, kind);
    await loader.empty();
    const started = performance.now();
    for (const part of parts) await loader.insert(part);
    return (rows * 1_000) / (performance.now() - started);
  };
  return { rate, close: () => loader.close() };
}

function partsOf(rows: number, kind: Database): Row[][] {
  const all = Array.from({ length: rows }, (_, index) => saleRow(index, kind));
  return Array.from({ length: Math.ceil(rows / ROWS_AT_ONCE) }, (_, part) =>
    all.slice(part * ROWS_AT_ONCE, (part + 1) * ROWS_AT_ONCE),
  );
}

function saleRow(index: number, kind: Database): Row {
  const { soldOn, product, region, qty, cost, tax } = sampleSale(index);
  const amount = multiplyDecimals(String(qty), cost);
  const money = [cost, tax, amount, addDecimals(amount, tax)];
  const kept = kind === 'sqlite' ? money.map(scaled) : money;
  return ['west', newId(), soldOn, product, region, qty, ...kept, MADE_AT, MADE_AT];
}

/** SQLite has no decimals: they are kept as the program keeps them, in units of a ten-thousandth. */
function scaled(amount: string): number {
  return Math.round(Number(amount) * 10_000);
}

const LOADERS: Record<Database, (url: string) => Promise<Loader>> = {
  sqlite: async (url) => {
    const database = new DatabaseSync(url.slice('sqlite:'.length));
    database.exec(
      `pragma journal_mode = wal; pragma synchronous = full; ${createTable('integer', 'text')} strict`,
    );
    const insert = database.prepare(`insert into bulk (${NAMES}) values (${places(1)})`);
    return {
      empty: () => database.exec('delete from bulk'),
      insert: (rows) => {
        database.exec('begin');
        for (const row of rows) insert.run(...row);
        database.exec('commit');
      },
      close: async () => database.close(),
    };
  },
  postgresql: async (url) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(createTable('numeric(18, 4)', 'timestamp(3)'));
    const text = `insert into bulk (${NAMES}) select * from unnest($1::text[], $2::text[], $3::date[], $4::text[],
      $5::text[], $6::bigint[], $7::numeric[], $8::numeric[], $9::numeric[], $10::numeric[], $11::timestamp[],
      $12::timestamp[])`;
    return {
      empty: () => client.query('truncate bulk'),
      insert: (rows) => client.query({ name: 'bulk', text, values: columnsOf(rows) }),
      close: () => client.end(),
    };
  },
  mariadb: async (url) => {
    const connection = await mysql.createConnection({ uri: url.replace(/^mariadb:/, 'mysql:') });
    await connection.query(`${createTable('decimal(18, 4)', 'datetime(3)')} engine = InnoDB`);
    const insert = (rows: readonly Row[]) =>
      connection.execute(`insert into bulk (${NAMES}) values ${tuples(rows.length)}`, rows.flat());
    return {
      empty: () => connection.query('truncate table bulk'),
      insert,
      close: () => connection.end(),
    };
  },
};

function createTable(money: string, moment: string): string {
  const isText = moment === 'text';
  const [word, day, count] = isText ? ['text', 'text', 'integer'] : ['varchar(200)', 'date', 'bigint'];
  return `create table bulk (scope ${isText ? word : 'varchar(32)'} not null,
    entity_id ${isText ? word : 'varchar(128)'} not null, sold_on ${day} not null, product ${word} not null,
    region ${word} not null, qty ${count} not null, cost ${money} not null, tax ${money} not null,
    amount ${money} not null, total ${money} not null, created_at ${moment} not null, updated_at ${moment} not null,
    primary key (scope, entity_id))`;
}

const places = (columns: number): string => Array.from({ length: columns * COLUMNS }, () => '?').join(', ');
const tuples = (rows: number): string => Array.from({ length: rows }, () => `(${places(1)})`).join(', ');
const columnsOf = (rows: readonly Row[]): unknown[][] =>
  Array.from({ length: COLUMNS }, (_, column) => rows.map((row) => row[column]));
