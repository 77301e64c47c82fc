import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summary } from '../../scripts/totals.ts';

const folder = mkdtempSync(join(tmpdir(), 'branchline-totals-'));
afterAll(() => rmSync(folder, { recursive: true }));

function outcome(name: string, exitCode: number, tests: number, failed: number) {
  const file = join(folder, `${name}.json`);
  const counts = { numTotalTests: tests, numFailedTests: failed, numTotalTestSuites: 2 };
  writeFileSync(file, JSON.stringify({ ...counts, numFailedTestSuites: Math.min(failed, 1) }));
  return { name, exitCode, seconds: 10, file };
}

it('adds up what ran', () => {
  expect(summary([outcome('suites', 0, 120, 0), outcome('e2e', 0, 30, 0)]).split('\n')).toEqual([
    'suites       ok       10.0 s  120 tests in 2 files',
    'e2e          ok       10.0 s  30 tests in 2 files',
    'total        ok       20.0 s  150 tests in 4 files',
  ]);
});

it('says what failed, also when the rest is well', () => {
  expect(summary([outcome('suites', 1, 120, 3), outcome('e2e', 0, 30, 0)])).toContain(
    'total        FAILED   20.0 s  150 tests in 4 files; 3 tests failed, in 1 files',
  );
});

it('calls a run that ended before it counted failed', () => {
  const gone = { name: 'e2e', exitCode: 134, seconds: 1, file: join(folder, 'none.json') };
  expect(summary([gone])).toMatch(/^total +FAILED .* 0 tests/m);
});
