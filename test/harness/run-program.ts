import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { User } from './ordinary-user.ts';

const execute = promisify(execFile);

interface Options {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: User | undefined;
}

/** Runs a program to its end and returns what it printed; its stderr is in the error when it fails. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: Options = {},
): Promise<string> {
  const { user, ...rest } = options;
  const { stdout } = await execute(file, args, { maxBuffer: 64 * 1024 * 1024, ...rest, ...user });
  return stdout;
}
