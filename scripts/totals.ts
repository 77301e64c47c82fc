// What `npm test` says at its end: one line for each run of jest, and one for all of them.
import { readFileSync } from 'node:fs';

export interface Outcome {
  readonly name: string;
  readonly exitCode: number;
  readonly seconds: number;
  /** What jest wrote with `--json --outputFile`. */
  readonly file: string;
}

interface Counts {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numTotalTestSuites: number;
  readonly numFailedTestSuites: number;
}

const NOTHING: Counts = {
  numTotalTests: 0,
  numPassedTests: 0,
  numFailedTests: 0,
  numTotalTestSuites: 0,
  numFailedTestSuites: 0,
};

/** Nothing when jest ended before it wrote any. */
function countsIn(file: string): Counts {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Counts;
  } catch {
    return NOTHING;
  }
}

function sum(all: readonly Counts[]): Counts {
  const total = (name: keyof Counts): number => all.reduce((before, counts) => before + counts[name], 0);
  return {
    numTotalTests: total('numTotalTests'),
    numPassedTests: total('numPassedTests'),
    numFailedTests: total('numFailedTests'),
    numTotalTestSuites: total('numTotalTestSuites'),
    numFailedTestSuites: total('numFailedTestSuites'),
  };
}

function line(name: string, isOk: boolean, seconds: number, counts: Counts): string {
  const ran = `${counts.numTotalTests} tests in ${counts.numTotalTestSuites} files`;
  const failed = `; ${counts.numFailedTests} tests failed, in ${counts.numFailedTestSuites} files`;
  const verdict = (isOk ? 'ok' : 'FAILED').padEnd(6);
  return `${name.padEnd(12)} ${verdict} ${seconds.toFixed(1).padStart(6)} s  ${ran}${isOk ? '' : failed}`;
}

function passedAndFailed({ numTotalTests, numPassedTests, numFailedTests }: Counts): string {
  const skipped = numTotalTests - numPassedTests - numFailedTests;
  return `${numPassedTests} passed, ${numFailedTests} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

export function summary(outcomes: readonly Outcome[]): string {
  const counts = outcomes.map(({ file }) => countsIn(file));
  const lines = outcomes.map(({ name, exitCode, seconds }, i) =>
    line(name, exitCode === 0, seconds, counts[i] ?? NOTHING),
  );
  const seconds = outcomes.reduce((before, outcome) => before + outcome.seconds, 0);
  const isOk = outcomes.every(({ exitCode }) => exitCode === 0);
  const total = sum(counts);
  return [...lines, line('total', isOk, seconds, total), '', passedAndFailed(total)].join('\n');
}
