// Makes a table long without selling anything: for what depends on how many rows there are, and on nothing else.
import { DatabaseSync } from 'node:sqlite';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { Database } from './database.ts';

interface Row {
  readonly table: string;
  /** Its `entity_id`; the others are called after it. */
  readonly entity: string;
}

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

const NUMBERS: Record<Database, (count: number) => string> = {
  sqlite: (count) =>
    `(with recursive up(n) as (select 1 union all select n + 1 from up where n < ${count}) select n from up)`,
  postgresql: (count) => `generate_series(1, ${count})`,
  mariadb: (count) => `(select seq as n from seq_1_to_${count})`,
};

/** Puts `count` copies of one row beside it. */
export async function multiplyRow(
  kind: Database,
  url: string,
  { table, entity }: Row,
  count: number,
): Promise<void> {
  await withQuery(kind, url, async (query) => {
    const [row] = await query(`select * from ${table} where entity_id = '${entity}'`);
    const columns = Object.keys(row!);
    const values = columns.map((name) => (name === 'entity_id' ? newName(kind) : `one.${name}`));
    await query(
      `insert into ${table} (${columns.join(', ')}) select ${values.join(', ')}
       from ${table} one cross join ${NUMBERS[kind](count)} ${kind === 'postgresql' ? 'up(n)' : 'up'}
       where one.entity_id = '${entity}'`,
    );
    if (kind !== 'sqlite') await query(`analyze ${kind === 'mariadb' ? 'table ' : ''}${table}`);
  });
}

function newName(kind: Database): string {
  return kind === 'mariadb' ? `concat(one.entity_id, '-', n)` : `one.entity_id || '-' || n`;
}

async function withQuery(kind: Database, url: string, run: (query: Query) => Promise<void>): Promise<void> {
  if (kind === 'sqlite') {
    const database = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 5_000 });
    await run(async (sql) => database.prepare(sql).all()).finally(() => database.close());
  } else if (kind === 'postgresql') {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await run(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows).finally(() =>
      client.end(),
    );
  } else {
    const connection = await mysql.createConnection({ uri: url.replace(/^mariadb:/, 'mysql:') });
    await run(async (sql) => (await connection.query(sql))[0] as Record<string, unknown>[]).finally(() =>
      connection.end(),
    );
  }
}
