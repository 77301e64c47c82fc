import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BRANCHLINE = fileURLToPath(new URL('../../../cli/branchline.ts', import.meta.url));

/** The command in a process of its own: how it ended, and all that it said. */
export function branchline(...args: string[]): Promise<{ code: number | null; said: string }> {
  return branchlineOf({}, ...args);
}

/** The same, for the office that these settings describe. */
export async function branchlineOf(settings: Readonly<Record<string, string>>, ...args: string[]) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', BRANCHLINE, ...args], {
    env: { ...process.env, ...settings },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}
