import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summary } from '../../scripts/totals.ts';

const folder = mkdtempSync(join(tmpdir(), 'branchline-totals-'));
afterAll(() => rmSync(folder, { recursive: true }));

function outcome(name: string, exitCode: number, tests: number, failed: number) {
  const file = join(folder, `${name}.json`);
  const passed = { numPassedTests: tests - failed, numFailedTests: failed };
  const counts = { numTotalTests: tests, ...passed, numTotalTestSuites: 2 };
  writeFileSync(file, JSON.stringify({ ...counts, numFailedTestSuites: Math.min(failed, 1) }));
  return { name, exitCode, seconds: 10, file };
}

it('adds up what ran', () => {
  expect(summary([outcome('suites', 0, 120, 0), outcome('e2e', 0, 30, 0)]).split('\n')).toEqual([
    'suites       ok       10.0 s  120 tests in 2 files',
    'e2e          ok       10.0 s  30 tests in 2 files',
    'total        ok       20.0 s  150 tests in 4 files',
    '',
    '150 passed, 0 failed',
  ]);
});

it('says what failed, also when the rest is well', () => {
  expect(summary([outcome('suites', 1, 120, 3), outcome('e2e', 0, 30, 0)])).toContain(
    'total        FAILED   20.0 s  150 tests in 4 files; 3 tests failed, in 1 files\n\n147 passed, 3 failed',
  );
});

it('calls a run that ended before it counted failed', () => {
  const gone = { name: 'e2e', exitCode: 134, seconds: 1, file: join(folder, 'none.json') };
  expect(summary([gone])).toMatch(/^total +FAILED .* 0 tests/m);
});

it('tells of tests that were skipped', () => {
  const { file, ...run } = outcome('suites', 0, 120, 0);
  const counts = { ...(JSON.parse(readFileSync(file, 'utf8')) as object), numPassedTests: 118 };
  writeFileSync(file, JSON.stringify(counts));
  expect(summary([{ ...run, file }])).toMatch(/\n118 passed, 0 failed, 2 skipped$/);
});
