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
