// Copies of an office's database, put back as operators do after a broken disk. The office must not run meanwhile.
import { copyFile, rm } from 'node:fs/promises';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';

export interface Backup {
  /** The database is again what it was. */
  restore(): Promise<void>;
  /** A second database like it: its url. */
  clone(): Promise<string>;
  drop(): Promise<void>;
}

export async function backUp(databaseUrl: string): Promise<Backup> {
  if (databaseUrl.startsWith('sqlite:')) return backUpFile(databaseUrl.slice('sqlite:'.length));
  const name = new URL(databaseUrl).pathname.slice(1);
  const [copy, second] = [`${name}_backup`, `${name}_clone`];
  const server = databaseUrl.startsWith('postgresql:')
    ? postgresServer(databaseUrl)
    : mariaDbServer(databaseUrl);
  await server.copy(name, copy);
  return {
    restore: () => server.copy(copy, name),
    async clone() {
      await server.copy(copy, second);
      return otherDatabase(databaseUrl, second);
    },
    async drop() {
      await server.drop(copy);
      await server.drop(second);
    },
  };
}

async function backUpFile(path: string): Promise<Backup> {
  const [copy, second] = [`${path}.backup`, `${path}.clone`];
  await copyFile(path, copy);
  return {
    async restore() {
      for (const suffix of ['-wal', '-shm']) await rm(path + suffix, { force: true });
      await copyFile(copy, path);
    },
    async clone() {
      await copyFile(copy, second);
      return `sqlite:${second}`;
    },
    drop: () => rm(copy, { force: true }),
  };
}

interface Server {
  /** Makes `to` anew. */
  copy(from: string, to: string): Promise<void>;
  drop(name: string): Promise<void>;
}

function postgresServer(databaseUrl: string): Server {
  const url = otherDatabase(databaseUrl, 'postgres');
  const run = async (...statements: readonly string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const dropping = (name: string): string => `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`;
  return {
    copy: (from, to) => run(dropping(to), `CREATE DATABASE "${to}" TEMPLATE "${from}"`),
    drop: (name) => run(dropping(name)),
  };
}

function mariaDbServer(databaseUrl: string): Server {
  const uri = otherDatabase(databaseUrl, 'mysql').replace(/^mariadb:/, 'mysql:');
  const connected = async (work: (connection: mysql.Connection) => Promise<void>): Promise<void> => {
    const connection = await mysql.createConnection({ uri });
    await work(connection).finally(() => connection.end());
  };
  const drop = (connection: mysql.Connection, name: string) =>
    connection.query(`DROP DATABASE IF EXISTS \`${name}\``);
  return {
    copy: (from, to) =>
      connected(async (connection) => {
        await drop(connection, to);
        await connection.query(`CREATE DATABASE \`${to}\``);
        for (const table of await tablesOf(connection, from)) {
          await connection.query(`CREATE TABLE \`${to}\`.\`${table}\` LIKE \`${from}\`.\`${table}\``);
          await connection.query(`INSERT INTO \`${to}\`.\`${table}\` SELECT * FROM \`${from}\`.\`${table}\``);
        }
      }),
    drop: (name) => connected(async (connection) => void (await drop(connection, name))),
  };
}

async function tablesOf(connection: mysql.Connection, database: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
    [database],
  );
  return rows.map((row) => String(row['name']));
}

function otherDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}
