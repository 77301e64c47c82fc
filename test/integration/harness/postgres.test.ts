import { existsSync } from 'node:fs';
import pg from 'pg';
import { startPostgres, type PostgresServer } from '../../harness/postgres.ts';
import { testPostgres } from '../../harness/servers.ts';

async function select(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat() as unknown[];
  } finally {
    await client.end();
  }
}

describe('the shared PostgreSQL', () => {
  it('gives each caller an empty database of its own', async () => {
    const [first, second] = [await testPostgres(), await testPostgres()];
    await select(first.url, 'CREATE TABLE sale (id int)');
    expect(await select(second.url, `SELECT count(*)::int FROM pg_tables WHERE tablename = 'sale'`)).toEqual([
      0,
    ]);
    await Promise.all([first.drop(), second.drop()]);
    await expect(select(first.url, 'SELECT 1')).rejects.toThrow('does not exist');
  });
});

describe('a private PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;

  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase('office');
  }, 60_000);
  afterAll(() => server.remove());

  it('refuses a wrong password', async () => {
    await expect(select(url.replace(/:[0-9a-f]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow('password');
  });

  it('keeps what was committed when it is killed', async () => {
    await select(url, 'CREATE TABLE kept AS SELECT 42 AS n');
    await server.kill();
    await expect(select(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await select(url, 'SELECT n FROM kept')).toEqual([42]);
  });

  it('ends in order while a client is connected', async () => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    await server.stop();
    expect(server.log()).toContain('database system is shut down');
    await server.restart();
    await client.end().catch(() => undefined);
  });

  it('loses everything when it is wiped', async () => {
    await server.wipe();
    await expect(select(url, 'SELECT 1')).rejects.toThrow('does not exist');
  });

  it('leaves nothing behind', async () => {
    const other = await startPostgres({ fsync: false });
    await other.remove();
    expect(other.pid).toBeUndefined();
    expect(existsSync(other.folder)).toBe(false);
  });
});
