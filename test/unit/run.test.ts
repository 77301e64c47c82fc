import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { isAlive } from '../harness/process-state.ts';
import { eventually } from '../harness/wait.ts';

const SCRIPTS = resolve(import.meta.dirname, '../../scripts');

// Stands in for npm: notes the call, takes a moment, and leaves what `npm ci` leaves.
const FAKE_NPM = `
  import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
  appendFileSync('calls', process.argv[2] + ' ');
  setTimeout(() => {
    mkdirSync('node_modules', { recursive: true });
    writeFileSync('node_modules/.package-lock.json', '{}');
  }, 200);
`;

const PROGRAM = `
  import { writeFileSync } from 'node:fs';
  const [what, ...rest] = process.argv.slice(2) as string[];
  if (what === 'print') console.log(JSON.stringify(rest));
  if (what === 'exit') process.exitCode = Number(rest[0]);
  if (what === 'wait') {
    process.on('SIGTERM', () => process.exit(7));
    process.on('disconnect', () => process.exit(8));
    setTimeout(() => process.exit(9), 5000); // an orphan must not outlive its test by much
    console.log('waiting', process.pid);
  }
  if (what === 'stop slowly') {
    process.once('SIGTERM', () => {
      process.on('SIGTERM', () => process.exit(6));
      setTimeout(() => { writeFileSync(rest[0]!, 'stopped'); process.exit(0); }, 2500);
    });
    setTimeout(() => process.exit(9), 9000);
    console.log('waiting', process.pid);
  }
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'branchline-run-'));
  cpSync(SCRIPTS, join(root, 'scripts'), { recursive: true });
  const files = { 'package.json': '{"type":"module"}', 'package-lock.json': '{}' };
  for (const [name, content] of Object.entries({ ...files, 'npm-cli.js': FAKE_NPM, 'program.ts': PROGRAM })) {
    writeFileSync(join(root, name), content);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Run = ChildProcessByStdio<null, Readable, Readable>;

function start(...args: string[]): Run {
  return spawn(process.execPath, [join(root, 'scripts/run.mjs'), 'program.ts', ...args], {
    cwd: tmpdir(),
    env: { ...process.env, NODE_COMPILE_CACHE: undefined, npm_execpath: join(root, 'npm-cli.js') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Below a shell that stands in for npm. */
function startByNpm(args: string): Run {
  const command = `${process.execPath} ${join(root, 'scripts/run.mjs')} program.ts ${args}; :`;
  return spawn('sh', ['-c', command], {
    env: { ...process.env, npm_lifecycle_script: 'exec node scripts/run.mjs program.ts' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(run: Run): Promise<{ code: number | null; out: string; err: string }> {
  const [[code], out, err] = await Promise.all([once(run, 'close'), text(run.stdout), text(run.stderr)]);
  return { code: code as number | null, out, err };
}

async function programOf(run: Run): Promise<number> {
  await once(run.stdout, 'readable');
  return Number(/waiting (\d+)/.exec(String(run.stdout.read()))?.[1]);
}

const npmCalls = (): string =>
  existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8') : '';

describe('scripts/run.mjs', () => {
  it('installs when node_modules is missing, says why, and keeps stdout for the program', async () => {
    const { code, out, err } = await ended(start('print', 'a', '--b', 'c d'));
    expect({ code, out, calls: npmCalls() }).toEqual({ code: 0, out: '["a","--b","c d"]\n', calls: 'ci ' });
    expect(err).toContain('node_modules is missing');
  });

  it('installs no second time', async () => {
    await ended(start('print'));
    const { err } = await ended(start('print'));
    expect({ err, calls: npmCalls() }).toEqual({ err: '', calls: 'ci ' });
  });

  it('keeps what Node compiles beside the libraries, for the next command', async () => {
    await ended(start('print'));
    expect(readdirSync(join(root, 'node_modules/.cache/compiled'))).not.toEqual([]);
  });

  it('installs again when the lock file is newer', async () => {
    await ended(start('print'));
    utimesSync(join(root, 'package-lock.json'), Date.now() / 1000 + 60, Date.now() / 1000 + 60);
    const { err } = await ended(start('print'));
    expect(err).toContain('older than package-lock.json');
    expect(npmCalls()).toBe('ci ci ');
  });

  it('installs once when two commands start together', async () => {
    const runs = await Promise.all([ended(start('print')), ended(start('print'))]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(npmCalls()).toBe('ci ');
  });

  it('ends with the exit code of the program', async () => {
    expect(await ended(start('exit', '78'))).toMatchObject({ code: 78 });
  });

  it('forwards SIGTERM and waits for the program to end', async () => {
    const run = start('wait');
    await once(run.stdout, 'readable');
    run.kill('SIGTERM');
    expect(await ended(run)).toMatchObject({ code: 7 });
  });

  it('leaves no program behind when it is killed', async () => {
    const run = start('wait');
    const pid = await programOf(run);
    run.kill('SIGKILL');
    await ended(run);
    await eventually(() => expect(isAlive(pid)).toBe(false));
  });

  it('leaves no program behind when npm is killed', async () => {
    await ended(start('print'));
    const npm = startByNpm('wait');
    const pid = await programOf(npm);
    npm.kill('SIGKILL');
    await ended(npm);
    await eventually(() => expect(isAlive(pid)).toBe(false));
  });

  it('lets a program stop in its own time when npm is killed', async () => {
    await ended(start('print'));
    const npm = startByNpm(`'stop slowly' ${join(root, 'note')}`);
    const pid = await programOf(npm);
    npm.kill('SIGKILL');
    await ended(npm);
    await eventually(() => expect(isAlive(pid)).toBe(false));
    expect(readFileSync(join(root, 'note'), 'utf8')).toBe('stopped');
  });
});
