import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from '@jest/globals';
import { OfficeClient } from '../../cli/office-client.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function clientOf(listener: RequestListener): Promise<OfficeClient> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return new OfficeClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const MODULE = new URL('../../cli/office-client.ts', import.meta.url).href;

/** In a process of its own, where what `fetch` is built on gives up after a second, and not after five minutes. */
const IMPATIENT = (url: string) => `
  const { OfficeClient } = await import('${MODULE}');
  await fetch('data:,');
  const dispatcher = Symbol.for('undici.globalDispatcher.1');
  globalThis[dispatcher] = new globalThis[dispatcher].constructor({ headersTimeout: 50 });
  console.log(await new OfficeClient('${url}').post('/api/sync').then(({ state }) => state, String));`;

it('waits for an answer for longer than fetch does', async () => {
  const { url } = await clientOf((_, response) =>
    setTimeout(() => response.end('{"state":"streaming"}'), 2_500),
  );
  const child = spawn(process.execPath, ['--input-type=module', '-e', IMPATIENT(url)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(await text(child.stdout)).toBe('streaming\n');
});

it('gives up a question when it is told to', async () => {
  const client = await clientOf(() => {});
  const answer = client.get('/health/live', {}, AbortSignal.timeout(20));
  await expect(answer).rejects.toMatchObject({ type: 'office-unreachable' });
});

it('sends JSON, and takes a problem for an error of its type', async () => {
  const client = await clientOf((request, response) => {
    response.statusCode = 409;
    response.end(
      JSON.stringify({ type: 'urn:branchline:problem:sync-paused', detail: request.headers['content-type'] }),
    );
  });
  await expect(client.post('/api/sync')).rejects.toMatchObject({
    type: 'sync-paused',
    message: 'application/json',
  });
});

it('says why an office cannot be reached, and whether it is one', async () => {
  const nobody = new OfficeClient('http://127.0.0.1:1');
  await expect(nobody.get('/api/sync')).rejects.toMatchObject({
    type: 'office-unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  await expect(new OfficeClient('nowhere').get('/')).rejects.toMatchObject({ type: 'office-unreachable' });
  const other = await clientOf((_, response) => response.writeHead(500).end('<html>'));
  await expect(other.get('/api/sync')).rejects.toMatchObject({ type: 'office-unreachable' });
});

describe('a write under a key', () => {
  it('is asked again, with the same key, when its answer is lost', async () => {
    const keys: unknown[] = [];
    const client = await clientOf((request, response) => {
      keys.push(request.headers['idempotency-key']);
      if (keys.length < 3) request.socket.destroy();
      else response.end('{"quantity":3}');
    });
    expect(await client.write('PATCH', '/api/stock/paper', {}, 'once')).toEqual({ quantity: 3 });
    expect(keys).toEqual(['once', 'once', 'once']);
  });

  it('that nobody heard is not asked again', async () => {
    const client = await clientOf(() => {});
    servers.splice(0).forEach((server) => server.close());
    await expect(client.write('POST', '/api/stock', {}, 'once')).rejects.toMatchObject({
      type: 'office-unreachable',
      message: expect.not.stringContaining('--key'),
    });
  });
});
