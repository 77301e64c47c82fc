// What a database can do for one client that commits row by row, with the durability that the program asks for.
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { Database } from './database.ts';

export interface SingleCommits {
  /** Commits a second. */
  rate(durationMs: number): Promise<number>;
  close(): Promise<void>;
}

/** About as long as a recorded sale. */
const ROW_BYTES = 400;

interface Inserter {
  insert(bytes: Buffer): Promise<unknown> | void;
  close(): Promise<void>;
}

export async function openSingleCommits(kind: Database, url: string): Promise<SingleCommits> {
  const { insert, close } = await OPENERS[kind](url);
  const rate = async (durationMs: number): Promise<number> => {
    const started = performance.now();
    let count = 0;
    for (; performance.now() - started < durationMs; count++) await insert(randomBytes(ROW_BYTES));
    return (count * 1_000) / (performance.now() - started);
  };
  return { rate, close };
}

const OPENERS: Record<Database, (url: string) => Promise<Inserter>> = {
  sqlite: async (url) => {
    const database = new DatabaseSync(url.slice('sqlite:'.length));
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = full; create table t (id integer primary key, b blob)',
    );
    const statement = database.prepare('insert into t (b) values (?)');
    return { insert: (bytes) => void statement.run(bytes), close: async () => database.close() };
  },
  postgresql: async (url) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('create table t (id bigserial primary key, b bytea)');
    const query = (bytes: Buffer) =>
      client.query({ name: 'i', text: 'insert into t (b) values ($1)', values: [bytes] });
    return { insert: query, close: () => client.end() };
  },
  mariadb: async (url) => {
    const connection = await mysql.createConnection({ uri: url.replace(/^mariadb:/, 'mysql:') });
    await connection.query(
      'create table t (id bigint auto_increment primary key, b longblob) engine = InnoDB',
    );
    const insert = (bytes: Buffer) => connection.execute('insert into t (b) values (?)', [bytes]);
    return { insert, close: () => connection.end() };
  },
};
