import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';

const MODULE = new URL('../../cli/run-until-stopped.ts', import.meta.url).href;

/** Ends with 7 when it is told to stop, and with 9 when it never is. */
async function endOf(program: string, stdio: 'ipc' | 'ignore'): Promise<unknown> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'inherit', 'inherit', stdio],
  });
  const [code] = await once(child, 'exit');
  return code;
}

const stopping = (before: string) => `
  const { onStop } = await import('${MODULE}');
  ${before}
  setTimeout(() => process.exit(9), 1000);
  onStop(['SIGTERM'], () => process.exit(7));`;

it('stops when whoever started it is killed, also before it could listen for that', async () => {
  expect(await endOf(stopping(`setTimeout(() => process.disconnect(), 10);`), 'ipc')).toBe(7);
  const before = `process.disconnect(); await new Promise((resolve) => setImmediate(resolve));`;
  expect(await endOf(stopping(before), 'ipc')).toBe(7);
});

it('goes on where nobody holds a channel to it', async () => {
  expect(await endOf(stopping(''), 'ignore')).toBe(9);
});

const stoppingSlowly = (againMs: number) => `
  const { runUntilStopped } = await import('${MODULE}');
  const signal = () => process.kill(process.pid, 'SIGTERM');
  setTimeout(signal, 10);
  setTimeout(signal, 10 + ${againMs});
  setTimeout(() => process.exit(9), 8000);
  await runUntilStopped(() => new Promise((resolve) => setTimeout(resolve, 1500)));`;

it('takes the signal that a whole group of processes gets, and that is passed on to it, for one', async () => {
  expect(await endOf(stoppingSlowly(20), 'ignore')).toBe(0);
});

it('ends at once when it is told so again', async () => {
  expect(await endOf(stoppingSlowly(800), 'ignore')).toBe(1);
});
