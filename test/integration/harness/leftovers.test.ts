import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isAlive } from '../../harness/process-state.ts';
import { eventually } from '../../harness/wait.ts';

const OWNER = `
  import { startRedis } from './test/harness/redis.ts';
  const { pid, folder } = await startRedis();
  console.log(JSON.stringify({ pid, folder }));
  setInterval(() => undefined, 1000);
`;

function must(condition: boolean): void {
  if (!condition) throw new Error('not yet');
}

it('stops the servers and removes the folders of a process that was killed', async () => {
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', OWNER];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
  expect([isAlive(pid), existsSync(folder)]).toEqual([true, true]);

  owner.kill('SIGKILL');

  await eventually(() => must(!isAlive(pid) && !existsSync(folder)), 20_000);
}, 60_000);
