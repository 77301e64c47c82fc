// What the commands of the simulator have in common.
import { availableParallelism } from 'node:os';
import { parseArgs, type ParseArgsConfig } from 'node:util';

const USAGE = 64;

/** Ends the process with one line and 64 when the arguments are not those. */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(options: T) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(
      `${(error as Error).message.split('. To specify')[0]!} (--help shows what there is)\n`,
    );
    process.exit(USAGE);
  }
}

/** @throws Error when it is not one, or less than `least` */
export function wholeNumber(name: string, text: string, least = 0): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} is to be a whole number from ${least} on: ${text}`);
}

/** @throws Error when it is none, or less than 0 */
export function anyNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${name} is to be a number from 0 on: ${text}`);
}

/** As many as there are processors unless it is given. */
export function jobsOf(text: string | undefined): number {
  return text === undefined ? availableParallelism() : wholeNumber('jobs', text, 1);
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
