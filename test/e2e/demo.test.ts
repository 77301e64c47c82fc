// What a newcomer does: npm start, then the printed tour, line by line, in a shell.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../harness/ports.ts';
import { eventually } from '../harness/wait.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** Where the demo keeps its data: not in the checkout's own folder. */
let folder: string;
let port: number;
let demo: ChildProcess;
let printed = '';

async function startDemo(...args: string[]): Promise<void> {
  printed = '';
  // What `npm start` runs, in another folder.
  const command = [join(ROOT, 'scripts/run.mjs'), join(ROOT, 'cli/branchline.ts'), 'demo'];
  demo = spawn(process.execPath, [...command, '--port', String(port), ...args], { cwd: folder });
  for (const stream of [demo.stdout!, demo.stderr!])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await eventually(() => expect(printed).toMatch(/conflicts resolve/), 60_000);
}

async function stopDemo(): Promise<void> {
  const closed = once(demo, 'close');
  demo.kill('SIGINT');
  await closed;
}

async function get<T>(office: number, path: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port + office}${path}`);
  return (await response.json()) as T;
}

/** Runs a printed command in a shell; the answer is the JSON it printed, or the text. */
async function paste(command: string): Promise<string> {
  const { stdout, stderr } = await run('sh', ['-c', command], { cwd: ROOT });
  expect(stderr).toBe('');
  return stdout;
}

async function pasteAll(lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const answer = await paste(line);
    expect({ line, answer }).not.toMatchObject({
      answer: expect.stringMatching(/problem\+json|"status":[45]\d\d/) as unknown,
    });
  }
}

const commands = (): string[] =>
  printed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(curl|npm run) /.test(line));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'branchline-demo-'));
  port = await freePort(3);
  await startDemo();
}, 90_000);

afterAll(async () => {
  if (demo.exitCode === null) await stopDemo();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

describe('npm start', () => {
  it('opens a head and two branches with the sample sheet, to the cent', async () => {
    const { items } = await get<{ items: { region: string; amount: string; total: string }[] }>(
      0,
      '/api/sales',
    );
    const totals = items.map(({ region, amount, total }) => `${region} ${amount} ${total}`).sort();
    expect(totals).toEqual([
      'East 271.95 290.99',
      'East 30.66 32.81',
      'East 945.35 1011.52',
      'West 129.50 138.57',
      'West 427.35 457.26',
      'West 87.60 93.73',
    ]);
    for (const branch of [1, 2])
      expect((await get<{ items: unknown[] }>(branch, '/api/sales')).items).toHaveLength(3);
  });

  it('prints a tour that works line by line', async () => {
    const lines = commands();
    expect(lines.length).toBeGreaterThanOrEqual(10);
    await pasteAll(lines);
    const { total } = await get<{ total: number }>(0, '/api/sales?office=west&count=true&limit=1');
    expect(total).toBe(4);
    const open = await get<{ items: unknown[] }>(0, '/api/conflicts?status=open');
    const settled = await get<{ items: unknown[] }>(0, '/api/conflicts?status=settled');
    expect([open.items.length, settled.items.length]).toEqual([0, 1]);
  }, 60_000);

  it('shows the sale at the head only when west is back', async () => {
    const heads = async () =>
      (await get<{ total: number }>(0, '/api/sales?office=west&count=true&limit=1')).total;
    const lines = commands().slice(0, 6);
    const before = await heads();
    for (const line of lines.slice(0, 3)) await paste(line);
    expect(await heads()).toBe(before);
    for (const line of lines.slice(3)) await paste(line);
    expect(await heads()).toBe(before + 1);
  }, 60_000);

  it('keeps its state when it is stopped and started again', async () => {
    const before = await get<{ state: string }>(0, '/api/digest?dataset=sales&scope=west');
    await stopDemo();
    await startDemo();
    expect(await get(0, '/api/digest?dataset=sales&scope=west')).toEqual(before);
    await eventually(async () =>
      expect(await get(2, '/api/digest?dataset=sales&scope=west')).toEqual(before),
    );
  }, 90_000);

  it('prints a tour that works whatever became of the sales of west meanwhile', async () => {
    const { items } = await get<{ items: { id: string }[] }>(2, '/api/sales');
    for (const { id } of items)
      await fetch(`http://127.0.0.1:${port + 2}/api/sales/${id}`, { method: 'DELETE' });
    await stopDemo();
    await startDemo();
    await pasteAll(commands());
    const settled = await get<{ items: unknown[] }>(0, '/api/conflicts?status=settled');
    expect(settled.items).toHaveLength(2);
  }, 90_000);

  it('is not disturbed by a second one on the same folder', async () => {
    const before = await get(0, '/api/sales?count=true&limit=1');
    const second = ['demo', '--reset', '--port', String(await freePort(3))];
    const refused = run(process.execPath, [join(ROOT, 'scripts/run.mjs'), 'cli/branchline.ts', ...second], {
      cwd: folder,
      timeout: 30_000,
    });
    await expect(refused).rejects.toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/data\/demo is run by process \d+ at .*--data-dir/) as unknown,
    });
    expect(await get(0, '/api/sales?count=true&limit=1')).toEqual(before);
  }, 60_000);

  it('ends when what started it is killed, and goes on afterwards', async () => {
    demo.kill('SIGKILL');
    await eventually(() => expect(get(0, '/health/live')).rejects.toThrow());
    await startDemo();
  }, 90_000);

  it('begins anew with --reset', async () => {
    await stopDemo();
    await startDemo('--reset');
    expect(printed).toMatch(/conflicts resolve west-\d/);
    expect((await get<{ total: number }>(0, '/api/sales?count=true&limit=1')).total).toBe(6);
  }, 90_000);
});
