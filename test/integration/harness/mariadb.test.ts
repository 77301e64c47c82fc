import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { makeFolder, removeFolder } from '../../harness/folder.ts';
import { startMariaDb, type MariaDbServer } from '../../harness/mariadb.ts';
import { testMariaDb, testMysql } from '../../harness/servers.ts';

async function select(url: string, sql: string): Promise<unknown[]> {
  const connection = await mysql.createConnection(url.replace(/^mariadb:/, 'mysql:'));
  try {
    const [rows] = await connection.query<RowDataPacket[][]>({ sql, rowsAsArray: true });
    return Array.isArray(rows) ? rows.flat() : [];
  } finally {
    connection.destroy();
  }
}

describe('the shared MariaDB', () => {
  it('gives each caller an empty database of its own', async () => {
    const [first, second] = [await testMariaDb(), await testMysql()];
    expect([first.url.slice(0, 10), second.url.slice(0, 8)]).toEqual(['mariadb://', 'mysql://']);
    await select(first.url, 'CREATE TABLE sale (id int)');
    expect(await select(second.url, 'SHOW TABLES')).toEqual([]);
    await Promise.all([first.drop(), second.drop()]);
    await expect(select(first.url, 'SELECT 1')).rejects.toThrow('Unknown database');
  });
});

it('starts in a temporary folder that its user may not write to', async () => {
  const [closed, before] = [await makeFolder('closed'), tmpdir()];
  await chmod(closed, 0o755);
  process.env['TMPDIR'] = closed;
  const server = await startMariaDb().finally(() => (process.env['TMPDIR'] = before));
  await server.remove();
  await removeFolder(closed);
}, 60_000);

describe('a private MariaDB', () => {
  let server: MariaDbServer;
  let url: string;

  beforeAll(async () => {
    server = await startMariaDb();
    url = await server.createDatabase('office');
  }, 60_000);
  afterAll(() => server.remove());

  it('refuses a wrong password', async () => {
    await expect(select(url.replace(/:[0-9a-f]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow('Access denied');
  });

  it('keeps what was committed when it is killed', async () => {
    await select(url, 'CREATE TABLE kept AS SELECT 42 AS n');
    await server.kill();
    await expect(select(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await select(url, 'SELECT n FROM kept')).toEqual([42]);
  });

  it('loses everything when it is wiped', async () => {
    await server.wipe();
    await expect(select(url, 'SELECT 1')).rejects.toThrow('Unknown database');
  });
});
