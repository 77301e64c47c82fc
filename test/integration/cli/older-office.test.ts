// Commands of this program work with an office that still runs the one before, which says less.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandFolder } from './command-folder.ts';

const SALES = { name: 'sales', noun: 'Sale', scope: 'office', version: 1, fields: [{ name: 'qty' }] };
const WEST = { id: 'west', name: 'West', status: 'active', connected: true, seq: 7, lastContactAt: null };
const ANSWERS: Readonly<Record<string, object>> = {
  '/': { office: 'hq', role: 'head' },
  '/api/datasets': { items: [SALES], next: null },
  '/api/sync': { state: 'streaming' },
  '/api/offices': { items: [WEST], next: null },
};

let folder: CommandFolder;
let server: Server;

beforeAll(async () => {
  folder = await CommandFolder.make();
  server = createServer(({ url = '' }, response) => response.end(JSON.stringify(ANSWERS[url])));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await folder.remove();
});

describe('an office of the program before', () => {
  it.each([
    ['datasets', /sales +1 +one office each +qty\n$/],
    ['offices', /west +West +active +yes +7 +- +-\n$/],
  ])('lists its %s', async (what, shown) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, out } = await folder.run({}, what, 'list', '--url', url);
    expect([code, out]).toEqual([0, expect.stringMatching(shown)]);
  });
});
