import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import type { Report } from '../../../bench/report.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(...args: readonly string[]): Promise<Ended> {
  const all = ['--disable-warning=ExperimentalWarning', 'bench/bench.ts', ...args];
  return new Promise((done) => {
    execFile(process.execPath, all, { cwd: ROOT }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('npm run bench', () => {
  it('gives chosen figures as JSON, those it does not measure with the reason', async () => {
    const { code, stdout } = await bench('--quick', '--json', '--only', 'wire', '--only', 'growth.list');
    const { machine, versions, figures } = JSON.parse(stdout) as Report;
    expect(code).toBe(0);
    expect(machine.cores).toBeGreaterThan(0);
    expect(versions['node']).toBe(process.versions.node);
    expect(figures).toMatchObject([
      { name: 'wire.batch500', value: expect.any(Number), goal: { atMost: 64 }, why: null },
      { name: 'wire.single', value: expect.any(Number), goal: { atMost: 160 }, why: null },
      { name: 'growth', value: null, met: false },
      { name: 'growth.append', value: null, met: false },
      { name: 'growth.drain', value: null, met: false },
      { name: 'growth.list', value: null, met: false, why: expect.stringContaining('--growth') },
    ]);
  }, 60_000);

  it('knows no other figures', async () => {
    const { code, stderr } = await bench('--only', 'lunch');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('There is no figure lunch'),
    });
  }, 60_000);
});
