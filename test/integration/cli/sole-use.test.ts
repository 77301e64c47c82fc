// One process on a SQLite file: the lock is that of the system, so real processes hold it and are killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { holderOf, takeSoleUse } from '../../../mixins/store/sqlite/sole-use.ts';
import { makeFolder, removeFolder } from '../../harness/folder.ts';
import { caught } from '../../unit/caught.ts';

const MODULE = new URL('../../../mixins/store/sqlite/sole-use.ts', import.meta.url).href;
const WEST = { office: 'west', url: 'http://127.0.0.1:3002' };

let folder: string;

beforeAll(async () => {
  folder = await makeFolder('sole-use');
});
afterAll(() => removeFolder(folder));

it('is given to one at a time, and says who has it', () => {
  const url = `sqlite:${join(folder, 'one.sqlite')}`;
  const first = takeSoleUse(url, WEST);
  const refusal = caught(() => takeSoleUse(url, WEST));
  expect(refusal).toMatchObject({
    type: 'database-in-use',
    data: { holder: { ...WEST, pid: process.pid } },
  });
  expect(holderOf(url)).toMatchObject(WEST);
  first.release();
  expect(holderOf(url)).toBeNull();
  takeSoleUse(url, WEST).release();
});

it('is of the file, by whatever link it is reached', () => {
  writeFileSync(join(folder, 'real.sqlite'), '');
  symlinkSync(join(folder, 'real.sqlite'), join(folder, 'link.sqlite'));
  const first = takeSoleUse(`sqlite:${join(folder, 'link.sqlite')}`, WEST);
  expect(caught(() => takeSoleUse(`sqlite:${join(folder, 'real.sqlite')}`, WEST))).toMatchObject({
    type: 'database-in-use',
  });
  first.release();
});

it('ends with its process, however that ends', async () => {
  const url = `sqlite:${join(folder, 'killed.sqlite')}`;
  const program = `
    const { takeSoleUse } = await import('${MODULE}');
    takeSoleUse('${url}', ${JSON.stringify(WEST)});
    globalThis.gc();
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const refusal = caught(() => takeSoleUse(url, WEST));
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(refusal).toMatchObject({ data: { holder: { pid: child.pid } } });
  expect(holderOf(url)).toBeNull();
  takeSoleUse(url, WEST).release();
});

it('is not asked for on a server, which several nodes of a head may share', () => {
  const url = 'postgresql://u:p@127.0.0.1/db';
  takeSoleUse(url, WEST);
  takeSoleUse(url, WEST);
});
