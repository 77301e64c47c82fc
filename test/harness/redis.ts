import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { makeFolder, makeSubfolder } from './folder.ts';
import { ordinaryUser } from './ordinary-user.ts';
import { freePort } from './ports.ts';
import { program } from './programs.ts';
import { startServer, type Server } from './server.ts';

const DATABASES = 4096;
const COUNTER = 'branchline-test-databases';

export type RedisServer = Server;

async function withClient<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5000 });
  client.on('error', () => undefined); // reported by the command that fails
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** Redis has numbered databases; each caller gets the next one (0 keeps the count), emptied. */
export async function nextRedisDatabase(serverUrl: string): Promise<string> {
  const number = await withClient(serverUrl, async (client) => {
    const [, count] = (await client.config('GET', 'databases')) as [string, string];
    const taken = await client.incr(COUNTER);
    return 1 + ((taken - 1) % (Number(count) - 1));
  });
  const url = new URL(serverUrl);
  url.pathname = `/${number}`;
  await flushRedisDatabase(url.href);
  return url.href;
}

export async function flushRedisDatabase(url: string): Promise<void> {
  await withClient(url, (client) => client.flushdb());
}

function configuration(folder: string, port: number, password: string): string {
  const lines = [`bind 127.0.0.1`, `port ${port}`, `requirepass ${password}`, `dir ${join(folder, 'data')}`];
  return [...lines, `databases ${DATABASES}`, 'appendonly yes', 'save ""', ''].join('\n');
}

/** A private Redis on 127.0.0.1. */
export async function startRedis(): Promise<RedisServer> {
  const user = ordinaryUser('redis');
  const [folder, port] = [await makeFolder('redis', user), await freePort()];
  const password = randomBytes(16).toString('hex');
  const url = `redis://:${password}@127.0.0.1:${port}/0`;
  const file = join(folder, 'redis.conf'); // a password does not belong on a command line
  await writeFile(file, configuration(folder, port, password), { mode: 0o644 });
  return startServer({
    name: 'Redis',
    url,
    folder,
    command: program('redis-server'),
    args: [file],
    user,
    initialise: async () => void (await makeSubfolder(folder, 'data', user)),
    deleteData: () => rm(join(folder, 'data'), { recursive: true, force: true }),
    probe: () => withClient(url, async (client) => void (await client.ping())),
  });
}
