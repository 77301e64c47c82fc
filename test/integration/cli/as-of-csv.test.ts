// A CSV as of a moment takes a table for a while, in an office that may stop answering meanwhile.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { branchline } from '../../e2e/office-process.ts';
import { makeFolder, removeFolder } from '../../harness/folder.ts';
import { eventually } from '../../harness/wait.ts';
import { CommandFolder } from './command-folder.ts';

let folder: string;
let server: Server;
const asked: string[] = [];
/** It begins, and comes to no end. */
let isAtWork = false;
const AT_WORK = { name: 'TABLE', kind: 'as-of', job: { kind: 'as-of', phase: 'filling', endedAt: null } };

beforeEach(async () => {
  folder = await makeFolder('as-of-csv');
  asked.length = 0;
  isAtWork = false;
  // It begins, and cannot say how far it is.
  server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url!.replace(/as_of_\d+/, 'TABLE')}`);
    if (isAtWork && method === 'GET') return void response.end(JSON.stringify(AT_WORK));
    response.statusCode = method === 'GET' ? 409 : 200;
    const problem = { type: 'urn:branchline:problem:projection-not-made', detail: 'cannot be read' };
    response.end(JSON.stringify(method === 'GET' ? problem : {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await removeFolder(folder);
});

it('is given up with its table when nobody can wait for it any more', async () => {
  const { port } = server.address() as AddressInfo;
  const office = ['--url', `http://127.0.0.1:${port}`];
  const csv = ['--as-of', '1', '--csv', join(folder, 'sales.csv')];
  const { code, stderr } = await branchline(['projections', 'rebuild', 'sales', ...csv, ...office], {});
  expect(stderr).toContain('cannot be read');
  expect(code).not.toBe(0);
  expect(asked).toEqual([
    'POST /api/projections/sales/as-of',
    'GET /api/projections/TABLE',
    'POST /api/projections/TABLE/cancel',
    'DELETE /api/projections/TABLE',
  ]);
});

it('is given up with its table, and leaves no file, when somebody presses Ctrl-C', async () => {
  isAtWork = true;
  const { port } = server.address() as AddressInfo;
  const commands = await CommandFolder.make();
  const args = ['projections', 'rebuild', 'sales', '--as-of', '1', '--csv', 'sales.csv'];
  const child = commands.launch({}, [...args, '--url', `http://127.0.0.1:${port}`]);
  const ended = once(child, 'close');
  await eventually(() => expect(asked).toContain('GET /api/projections/TABLE'), 60_000);
  child.kill('SIGINT');
  expect(await ended).toEqual([75, null]);
  expect(asked.slice(-2)).toEqual(['POST /api/projections/TABLE/cancel', 'DELETE /api/projections/TABLE']);
  expect(existsSync(join(commands.path, 'sales.csv'))).toBe(false);
  await commands.remove();
});
