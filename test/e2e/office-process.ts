// Real offices: the real command, each its own operating-system process, configured by environment variables alone.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compileCache, NODE_FLAGS } from '../../scripts/node-options.mjs';
import { freePort } from '../harness/ports.ts';
import { eventually } from '../harness/wait.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = [...NODE_FLAGS, `${ROOT}/cli/branchline.ts`];
const STOP_MS = 15_000;
/** On a machine that many share, a process and its tables take their time. */
const START_MS = 120_000;

export type Settings = Readonly<Record<string, string>>;

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Only what the office is told: nothing of the machine's own settings reaches it. */
function environmentOf(settings: Settings): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], ...compileCache(ROOT), ...settings };
}

function launch(args: readonly string[], settings: Settings): ChildProcess {
  return spawn(process.execPath, [...CLI, ...args], { cwd: ROOT, env: environmentOf(settings) });
}

/** Runs one command to its end. */
export async function branchline(args: readonly string[], settings: Settings): Promise<Finished> {
  const child = launch(args, settings);
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

export class OfficeProcess {
  readonly settings: Settings;
  readonly url: string;
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(settings: Settings) {
    this.settings = settings;
    this.url = `http://127.0.0.1:${settings['PORT']}`;
  }

  /** Starts `branchline start` and waits until it is ready. */
  static async start(settings: Settings): Promise<OfficeProcess> {
    const office = await OfficeProcess.launch(settings);
    await office.becomes(200);
    return office;
  }

  /** Starts `branchline start`, and waits for nothing. */
  static async launch(settings: Settings): Promise<OfficeProcess> {
    const office = new OfficeProcess({ LOG_LEVEL: 'warn', PORT: String(await freePort()), ...settings });
    office.launch();
    return office;
  }

  async start(expected: 200 | 503 = 200): Promise<void> {
    this.launch();
    await this.becomes(expected);
  }

  /** Waits until `/health/ready` answers so: 200 ready, 503 not ready. */
  async becomes(expected: 200 | 503): Promise<void> {
    const child = this.#child!;
    await eventually(async () => {
      if (isOver(child))
        throw new Error(`the office ended with ${child.exitCode ?? child.signalCode}:\n${this.#output}`);
      const { status } = await this.get('/health/ready');
      if (status !== expected) throw new Error(`it answers ${status}, not ${expected}:\n${this.#output}`);
    }, START_MS);
  }

  /** Starts it, and waits for nothing. */
  launch(): void {
    const child = launch(['start'], this.settings);
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get output(): string {
    return this.#output;
  }

  /** The whole process goes, as in a power cut. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Waits until it has ended by itself; by which signal, if by one. */
  async ended(): Promise<NodeJS.Signals | null> {
    const child = this.#child!;
    if (!isOver(child)) await once(child, 'exit');
    this.#child = null;
    return child.signalCode;
  }

  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async get<T>(path: string): Promise<Answer<T>> {
    return this.#call('GET', path);
  }

  async send<T>(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Settings = {},
  ): Promise<Answer<T>> {
    return this.#call(method, path, body, headers);
  }

  async #call<T>(method: string, path: string, body?: unknown, headers: Settings = {}): Promise<Answer<T>> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Settings = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(this.url + path, { method, ...json, headers: { ...type, ...headers } });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? null : JSON.parse(text)) as T,
      headers: response.headers,
    };
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null || isOver(child)) return child?.exitCode ?? null;
    const closed = once(child, 'close');
    child.kill(signal);
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    const [code] = (await closed) as [number | null];
    clearTimeout(killer);
    return code;
  }
}
