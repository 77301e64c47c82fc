import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { installFor } from '../test/harness/all-servers.ts';
import { VARIABLES } from '../test/harness/environment.ts';
import { makeFolder, removeFolder } from '../test/harness/folder.ts';
import { startMariaDb } from '../test/harness/mariadb.ts';
import { startPostgres } from '../test/harness/postgres.ts';
import { startRabbitMq } from '../test/harness/rabbitmq.ts';
import type { Server } from '../test/harness/server.ts';
import type { Database } from './database.ts';

/** Private servers, started when first asked for and kept for the whole run: what is not measured does not run. */
export interface BenchServers {
  /** A new, empty database. */
  database(kind: Database): Promise<string>;
  /** A new database with all that another one has, which nobody may have open. */
  copy(kind: Database, url: string): Promise<string>;
  /** A new, empty virtual host. */
  broker(): Promise<string>;
  /** A new folder. */
  folder(): Promise<string>;
  remove(): Promise<void>;
}

export function benchServers(): BenchServers {
  const started: Promise<Server>[] = [];
  const folders: string[] = [];
  const once = <S extends Server>(variable: string, start: () => Promise<S>): (() => Promise<S>) => {
    let server: Promise<S> | null = null;
    return () => {
      if (server === null) started.push((server = installFor([variable]).then(start)));
      return server;
    };
  };
  const postgres = once(VARIABLES.postgres, startPostgres);
  const mariadb = once(VARIABLES.mariadb, startMariaDb);
  const rabbitmq = once(VARIABLES.amqp, startRabbitMq);
  let count = 0;
  const uniqueName = (): string => `bench_${++count}`;
  const folder = async (): Promise<string> => {
    const made = await makeFolder('bench');
    folders.push(made);
    return made;
  };
  const database = async (kind: Database): Promise<string> => {
    if (kind === 'sqlite') return `sqlite:${join(await folder(), 'bench.sqlite')}`;
    return (await (kind === 'postgresql' ? postgres() : mariadb())).createDatabase(uniqueName());
  };
  return {
    folder,
    database,
    broker: async () => (await rabbitmq()).createVhost(uniqueName()),
    copy: async (kind, url) => {
      if (kind === 'postgresql') return copyPostgres((await postgres()).url, url, uniqueName());
      const copy = await database(kind);
      if (kind === 'sqlite') await copyFile(fileOf(url), fileOf(copy));
      else await copyMariaDb(url, copy);
      return copy;
    },
    remove: async () => {
      const servers = await Promise.allSettled(started);
      const running = servers.flatMap((server) => (server.status === 'fulfilled' ? [server.value] : []));
      await Promise.all(running.map((server) => server.remove()));
      await Promise.all(folders.map(removeFolder));
    },
  };
}

function fileOf(url: string): string {
  return url.slice('sqlite:'.length);
}

/** By its files; a server before 15 does so without being told. */
async function copyPostgres(serverUrl: string, from: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    );
    const how = rows[0]!.version >= 150_000 ? ' strategy file_copy' : '';
    await client.query(`create database "${name}" template "${new URL(from).pathname.slice(1)}"${how}`);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(from), { pathname: `/${name}` }).href;
}

/** It has no templates: table by table, within the server. */
async function copyMariaDb(from: string, to: string): Promise<void> {
  const source = new URL(from).pathname.slice(1);
  const connection = await mysql.createConnection({ uri: to.replace(/^mariadb:/, 'mysql:') });
  try {
    const [tables] = await connection.query(
      `show full tables from ${source} where table_type = 'BASE TABLE'`,
    );
    for (const row of tables as Record<string, string>[]) {
      const table = `\`${Object.values(row)[0]}\``;
      await connection.query(`create table ${table} like ${source}.${table}`);
      await connection.query(`insert into ${table} select * from ${source}.${table}`);
    }
  } finally {
    await connection.end();
  }
}
