import { DatabaseSync } from 'node:sqlite';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { DatabaseKind } from '../harness/environment.ts';

/** The same database past the store: to look at it, to fill it, to be in its way. */
export interface Raw {
  run(sql: string): Promise<Record<string, unknown>[]>;
  /** Ends every other connection to this database, at the server. */
  killOthers(): Promise<void>;
  close(): Promise<void>;
}

export function openRaw(kind: DatabaseKind, url: string): Promise<Raw> {
  if (kind === 'sqlite') return rawSqlite(url);
  return kind === 'postgresql' ? rawPostgres(url) : rawMysql(url);
}

async function rawSqlite(url: string): Promise<Raw> {
  const db = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 10_000 }); // an office may be writing
  return {
    run: async (sql) => db.prepare(sql).all(),
    killOthers: async () => {
      throw new Error('SQLite has no connections to kill');
    },
    close: async () => db.close(),
  };
}

async function rawPostgres(url: string): Promise<Raw> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the server may be restarted under it
  await client.connect();
  const run = async (sql: string) => (await client.query(sql)).rows as Record<string, unknown>[];
  return {
    run,
    killOthers: async () => {
      await run(
        'select pg_terminate_backend(pid) from pg_stat_activity ' +
          'where datname = current_database() and pid <> pg_backend_pid()',
      );
    },
    close: () => client.end().catch(() => {}),
  };
}

async function rawMysql(url: string): Promise<Raw> {
  const connection = await mysql.createConnection({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    charset: 'utf8mb4',
    dateStrings: true,
    decimalNumbers: false,
  });
  connection.on('error', () => {}); // the server may be restarted under it
  await connection.query(`set session sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'`);
  const run = async (sql: string): Promise<Record<string, unknown>[]> => {
    const [rows] = await connection.query(sql);
    return Array.isArray(rows) ? (rows as unknown as Record<string, unknown>[]) : [];
  };
  return {
    run,
    killOthers: async () => {
      const others = await run(
        'select id from information_schema.processlist where db = database() and id <> connection_id()',
      );
      for (const { id } of others) await run(`kill ${Number(id)}`);
    },
    close: async () => connection.destroy(),
  };
}
