// The steps of `npm run check` and `npm test`: each is a program run to its end.
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Step {
  readonly name: string;
  /** Arguments of node. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Ends the run with this exit code; what was to be shown has been shown. */
export class Stop extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

let running: ChildProcess | undefined;
let interrupted: NodeJS.Signals | undefined;

for (const signal of SIGNALS) {
  process.on(signal, () => {
    interrupted = signal;
    running?.kill(signal);
  });
}

function stopIfInterrupted(): void {
  if (interrupted) throw new Stop(128 + constants.signals[interrupted]);
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done(code ?? 1));
  });
}

function spawnNode({ args, env }: Step, output: 'inherit' | 'pipe'): ChildProcess {
  stopIfInterrupted();
  running = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
  });
  return running;
}

/** Runs a step that shows its own output; returns its exit code. */
export async function runShown(step: Step): Promise<number> {
  const code = await ended(spawnNode(step, 'inherit'));
  stopIfInterrupted();
  return code;
}

/** Runs a step behind one line; its output is shown only when it fails, which stops everything. */
export async function runQuietly(step: Step): Promise<void> {
  const started = performance.now();
  process.stdout.write(`${step.name.padEnd(12)} `);
  const child = spawnNode(step, 'pipe');
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => output.push(chunk));
  const code = await ended(child);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'} ${seconds.padStart(6)} s\n`);
  stopIfInterrupted();
  if (code === 0) return;
  process.stdout.write(Buffer.concat(output));
  throw new Stop(code);
}

/** The frame of a script made of steps: its result is the exit code. */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Stop))
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof Stop ? error.exitCode : 1;
  }
}
