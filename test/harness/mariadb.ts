import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { folderFor } from './folder.ts';
import { ordinaryUser, type User } from './ordinary-user.ts';
import { freePort } from './ports.ts';
import { databaseUrl } from './postgres.ts';
import { program } from './programs.ts';
import { runProgram } from './run-program.ts';
import { startServer, type Server } from './server.ts';

export interface MariaDbServer extends Server {
  /** Creates an empty database and returns its `mariadb://` url. */
  createDatabase(name: string): Promise<string>;
  dropDatabase(name: string): Promise<void>;
}

async function query(url: string, sql: string): Promise<void> {
  const uri = url.replace(/^mariadb:/, 'mysql:');
  const connection = await mysql.createConnection({ uri, connectTimeout: 5000 });
  connection.on('error', () => undefined); // the server may go away while we leave
  try {
    await connection.query(sql);
  } finally {
    connection.destroy();
  }
}

export async function createMariaDbDatabase(serverUrl: string, name: string): Promise<string> {
  await query(serverUrl, `CREATE DATABASE \`${name}\``);
  return databaseUrl(serverUrl, name);
}

export async function dropMariaDbDatabase(serverUrl: string, name: string): Promise<void> {
  await query(serverUrl, `DROP DATABASE IF EXISTS \`${name}\``);
}

// Run by the server at every start, before it takes connections: no moment with an open root account.
const initSql = (password: string): string =>
  [
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
    `CREATE USER IF NOT EXISTS 'branchline'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO 'branchline'@'127.0.0.1' WITH GRANT OPTION;`,
    '',
  ].join('\n');

/** That of whoever runs the tests may be closed to the server's user. */
const ownTemporaryFolder = (folder: string): NodeJS.ProcessEnv => ({ TMPDIR: folder });

const SMALL = ['--innodb-log-file-size=8M', '--innodb-temp-data-file-path=ibtmp1:4M:autoextend'];

export interface MariaDbOptions {
  /** An empty folder to live in, instead of one of its own; with small files, since its disk may be small. */
  readonly folder?: string;
}

async function initialise(
  folder: string,
  password: string,
  user: User | undefined,
  size: readonly string[],
): Promise<void> {
  const args = ['--no-defaults', `--datadir=${join(folder, 'data')}`, '--skip-test-db', ...size];
  const auth = ['--auth-root-authentication-method=normal', '--skip-name-resolve'];
  const env = { ...process.env, ...ownTemporaryFolder(folder) };
  await runProgram(program('mariadb-install-db'), [...args, ...auth], { cwd: folder, env, user });
  await writeFile(join(folder, 'init.sql'), initSql(password), { mode: 0o644 });
}

function serverArgs(folder: string, port: number, size: readonly string[]): string[] {
  const files = {
    datadir: 'data',
    socket: 'mariadb.sock',
    'pid-file': 'mariadb.pid',
    'init-file': 'init.sql',
  };
  const paths = Object.entries(files).map(([option, file]) => `--${option}=${join(folder, file)}`);
  const network = [
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    '--max-connections=300',
  ];
  return ['--no-defaults', ...paths, ...network, '--character-set-server=utf8mb4', '--skip-log-bin', ...size];
}

/** A private MariaDB on 127.0.0.1. */
export async function startMariaDb(options: MariaDbOptions = {}): Promise<MariaDbServer> {
  const user = ordinaryUser('mysql');
  const [folder, port] = [await folderFor('mariadb', user, options), await freePort()];
  const size = options.folder === undefined ? [] : SMALL;
  const password = randomBytes(16).toString('hex');
  const url = `mariadb://branchline:${password}@127.0.0.1:${port}/mysql`;
  const server = await startServer({
    name: 'MariaDB',
    url,
    folder,
    command: program('mariadbd'),
    args: serverArgs(folder, port, size),
    env: ownTemporaryFolder(folder),
    user,
    initialise: () => initialise(folder, password, user, size),
    deleteData: () => rm(join(folder, 'data'), { recursive: true, force: true }),
    probe: () => query(url, 'SELECT 1'),
  });
  return Object.assign(server, {
    createDatabase: (name: string) => createMariaDbDatabase(url, name),
    dropDatabase: (name: string) => dropMariaDbDatabase(url, name),
  });
}
