import { isFullRun } from './pairs.ts';

/** Shows what a test has measured, in `npm run test:faults`: docs/RELIABILITY.md quotes it. */
export function figure(text: string): void {
  if (isFullRun) process.stdout.write(`    ${text}\n`);
}

export const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
