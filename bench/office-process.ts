import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { compileCache, NODE_FLAGS } from '../scripts/node-options.mjs';
import { leftovers } from '../test/harness/leftovers.ts';
import { eventually } from '../test/harness/wait.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** Another one to measure: BENCH_PROGRAM=dist/cli/branchline.js is the program as it is released. */
const PROGRAM = resolve(ROOT, process.env['BENCH_PROGRAM'] ?? 'cli/branchline.ts');
const READY_MS = 60_000;

/** The program as users run it, in a process of its own. */
export interface OfficeProcess {
  readonly pid: number;
  readonly url: string;
  /** The body of the answer. @throws on any other status than 2xx */
  ask<T = unknown>(method: string, path: string, body?: object): Promise<T>;
  stop(): Promise<void>;
}

export interface OfficeStart {
  /** What stands behind `branchline`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of the first office. */
  readonly port: number;
  /** In this process, on ports that follow each other; one unless told. */
  readonly offices?: number;
  /** Where it is started; the repository unless told. */
  readonly cwd?: string;
}

export async function startProcess({
  args,
  env,
  port,
  offices = 1,
  cwd = ROOT,
}: OfficeStart): Promise<OfficeProcess> {
  const nodeArgs = [...NODE_FLAGS, ...profiling(), PROGRAM, ...args];
  const child = spawn(process.execPath, nodeArgs, {
    cwd,
    env: { ...basicEnvironment(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error('The program cannot be started');
  leftovers.add({ pid });
  const said = lastWords(child);
  const office = { pid, url: `http://127.0.0.1:${port}`, ask: asker(port), stop: () => stop(child) };
  try {
    const ports = Array.from({ length: offices }, (_, index) => port + index);
    const ended = await eventually(async () => {
      const end = child.exitCode ?? child.signalCode;
      if (end === null) for (const each of ports) await asker(each)('GET', '/health/ready');
      return end;
    }, READY_MS);
    if (ended !== null) throw new Error(`It ended with ${ended}`);
    return office;
  } catch (cause) {
    await office.stop();
    throw new Error(`branchline ${args.join(' ')} does not get ready: ${said()}`, { cause });
  }
}

/** With BENCH_PROFILE=FOLDER every process leaves a CPU profile there. */
function profiling(): string[] {
  const folder = process.env['BENCH_PROFILE'];
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${resolve(folder)}`] : [];
}

/** Nothing of what this shell says about offices. */
function basicEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', TZ = 'UTC' } = process.env;
  return { PATH, HOME, TZ, LOG_LEVEL: 'warn', ...compileCache(ROOT) };
}

function lastWords(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text = (text + chunk.toString()).slice(-2_000)));
  return () => text;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  leftovers.drop({ pid: child.pid! });
}

function asker(port: number): OfficeProcess['ask'] {
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  };
}
