import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { findProgram } from '../test/harness/programs.ts';
import { runProgram } from '../test/harness/run-program.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly system: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown processor',
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 2 ** 20),
    system: `${platform()} ${release()} ${arch()}`,
  };
}

const SERVERS = { postgresql: 'postgres', mariadb: 'mariadbd', rabbitmq: 'rabbitmqctl' } as const;

/** Of what was measured; a server that is not installed is left out. */
export async function versions(): Promise<Record<string, string>> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const found: Record<string, string> = { branchline: version, node: process.versions.node };
  if (process.versions['sqlite']) found['sqlite'] = process.versions['sqlite'];
  for (const [name, program] of Object.entries(SERVERS)) {
    const file = findProgram(program);
    const text = file === undefined ? null : await versionOf(file);
    if (text !== null) found[name] = text;
  }
  return found;
}

async function versionOf(file: string): Promise<string | null> {
  const text = await runProgram(file, ['--version']).catch(() => '');
  return /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? null;
}
