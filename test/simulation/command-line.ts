// What the commands of the simulator have in common.
import { availableParallelism } from 'node:os';

/** @throws Error when it is not one */
export function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} is no whole number: ${text}`);
}

/** As many as there are processors unless it is given. */
export function jobsOf(text: string | undefined): number {
  return text === undefined ? availableParallelism() : Math.max(1, wholeNumber('jobs', text));
}

export function say(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

/** What becomes of the process: the exit code of `main`, or one line on stderr and 1. */
export async function ended(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
