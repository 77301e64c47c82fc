import { Redis } from 'ioredis';
import { startRedis, type RedisServer } from '../../harness/redis.ts';
import { isStopped } from '../../harness/process-state.ts';
import { testRedis } from '../../harness/servers.ts';
import { eventually } from '../../harness/wait.ts';

async function withRedis<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

describe('the shared Redis', () => {
  it('gives each caller an empty database of its own', async () => {
    const [first, second] = [await testRedis(), await testRedis()];
    await withRedis(first.url, (client) => client.set('lease', 'held'));
    expect(await withRedis(second.url, (client) => client.get('lease'))).toBeNull();
    await first.drop();
    expect(await withRedis(first.url, (client) => client.dbsize())).toBe(0);
  });
});

describe('a private Redis', () => {
  let server: RedisServer;

  beforeAll(async () => void (server = await startRedis()), 60_000);
  afterAll(() => server.remove());

  it('is gone when killed and serves when restarted', async () => {
    await server.kill();
    await expect(withRedis(server.url, (client) => client.ping())).rejects.toThrow();
    await server.restart();
    expect(await withRedis(server.url, (client) => client.ping())).toBe('PONG');
  });

  it('does not answer while frozen', async () => {
    expect(isStopped(server.pid!)).toBe(false);
    server.freeze();
    await eventually(() => expect(isStopped(server.pid!)).toBe(true));
    const answer = withRedis(server.url, (client) => client.ping());
    server.thaw();
    expect(await answer).toBe('PONG');
  });

  it('loses everything when it is wiped', async () => {
    await withRedis(server.url, (client) => client.set('lease', 'held'));
    await server.wipe();
    expect(await withRedis(server.url, (client) => client.get('lease'))).toBeNull();
  });
});
