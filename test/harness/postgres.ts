import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { folderFor } from './folder.ts';
import { ordinaryUser, type User } from './ordinary-user.ts';
import { freePort } from './ports.ts';
import { program } from './programs.ts';
import { runProgram } from './run-program.ts';
import { startServer, type Server } from './server.ts';

export interface PostgresServer extends Server {
  /** Creates an empty database and returns its url. */
  createDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
}

export interface PostgresOptions {
  /** Off only where a test is not about durability and is slow. */
  readonly fsync?: boolean;
  /** An empty folder to live in, instead of one of its own; with small files, since its disk may be small. */
  readonly folder?: string;
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined); // the server may go away while we leave
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function createPostgresDatabase(serverUrl: string, name: string): Promise<string> {
  await query(serverUrl, `CREATE DATABASE "${name}"`);
  return databaseUrl(serverUrl, name);
}

export async function dropPostgresDatabase(serverUrl: string, name: string): Promise<void> {
  await query(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
}

/** People's servers sort by language, not by bytes; where initdb can, ours does so too. */
async function localeArgs(initdb: string): Promise<string[]> {
  const help = await runProgram(initdb, ['--help']);
  return help.includes('--icu-locale') ? ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C'] : [];
}

async function initialise(
  { folder, isSmall }: Place,
  password: string,
  user: User | undefined,
): Promise<void> {
  const initdb = program('initdb');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o644 });
  const access = ['--username=branchline', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const args = ['-D', join(folder, 'data'), '--encoding=UTF8', '--no-sync', ...access];
  const size = isSmall ? ['--wal-segsize=1'] : [];
  await runProgram(initdb, [...args, ...size, ...(await localeArgs(initdb))], { cwd: folder, user });
  await rm(passwordFile);
}

const SETTINGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];

interface Place {
  readonly folder: string;
  readonly isSmall: boolean;
}

const SMALL = ['min_wal_size=2MB', 'max_wal_size=4MB'];

function serverArgs({ folder, isSmall }: Place, port: number, fsync: boolean): string[] {
  const own = [`port=${port}`, `fsync=${fsync ? 'on' : 'off'}`, ...(isSmall ? SMALL : [])];
  const settings = [...SETTINGS, ...own];
  return ['-D', join(folder, 'data'), ...settings.flatMap((setting) => ['-c', setting])];
}

/** A private PostgreSQL on 127.0.0.1. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { fsync = true } = options;
  const user = ordinaryUser('postgres');
  const [folder, port] = [await folderFor('postgres', user, options), await freePort()];
  const place = { folder, isSmall: options.folder !== undefined };
  const password = randomBytes(16).toString('hex');
  const url = `postgresql://branchline:${password}@127.0.0.1:${port}/postgres`;
  const server = await startServer({
    name: 'PostgreSQL',
    url,
    folder,
    command: program('postgres'),
    args: serverArgs(place, port, fsync),
    user,
    stopSignal: 'SIGINT', // SIGTERM waits until every client has left
    initialise: () => initialise(place, password, user),
    deleteData: () => rm(join(folder, 'data'), { recursive: true, force: true }),
    probe: () => query(url, 'SELECT 1'),
  });
  return Object.assign(server, {
    createDatabase: (name: string) => createPostgresDatabase(url, name),
    dropDatabase: (name: string) => dropPostgresDatabase(url, name),
  });
}
