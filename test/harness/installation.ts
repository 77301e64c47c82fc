import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { findProgram } from './programs.ts';

/** What a server takes: the variable that names one instead, its Debian package, its programs. */
export interface Requirement {
  readonly variable: string;
  readonly debianPackage: string;
  readonly programs: readonly string[];
}

// Debian asks this program before it starts a service that it installs; 101 means no.
const POLICY_FILE = '/usr/sbin/policy-rc.d';
const POLICY = '#!/bin/sh\nexit 101\n';

const isMissing = ({ programs }: Requirement): boolean => programs.some((name) => !findProgram(name));

function instructions(missing: readonly Requirement[]): string {
  const packages = missing.map(({ debianPackage }) => debianPackage);
  return [
    `The tests need programs that this machine lacks: ${packages.join(', ')}.`,
    `Either install them, on Debian or Ubuntu with`,
    `  sudo apt-get install ${packages.join(' ')}`,
    `or start them with`,
    `  node scripts/generate-env.mjs`,
    `  docker compose --profile services up -d --wait`,
    `  set -a; . ./.env; set +a`,
    `which sets ${missing.map(({ variable }) => variable).join(', ')}.`,
  ].join('\n');
}

async function aptGet(...args: string[]): Promise<void> {
  const child = spawn('apt-get', ['-q', '-y', '-o', 'Dpkg::Use-Pty=0', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    stdio: ['ignore', 2, 2],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`apt-get ${args.join(' ')} failed (${code})`);
}

async function withoutStartingServices(work: () => Promise<void>): Promise<void> {
  const ours = !existsSync(POLICY_FILE);
  if (ours) await writeFile(POLICY_FILE, POLICY, { mode: 0o755, flag: 'wx' });
  try {
    await work();
  } finally {
    if (ours) await rm(POLICY_FILE, { force: true });
  }
}

async function install(packages: readonly string[]): Promise<void> {
  process.stderr.write(
    `Installing ${packages.join(', ')} with apt-get, without starting them as services.\n`,
  );
  await withoutStartingServices(async () => {
    await aptGet('update');
    await aptGet('install', '--no-install-recommends', ...packages);
  });
}

/** Installs what is missing where we may (root on Debian or Ubuntu); otherwise one error that says what to do. */
export async function installMissing(requirements: readonly Requirement[]): Promise<void> {
  const missing = requirements.filter(isMissing);
  if (missing.length === 0) return;
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version') && findProgram('apt-get');
  if (!mayInstall) throw new Error(instructions(missing));
  try {
    await install(missing.map(({ debianPackage }) => debianPackage));
  } catch (cause) {
    throw new Error(`${String(cause)}\n${instructions(missing)}`, { cause });
  }
  const still = missing.filter(isMissing);
  if (still.length > 0) throw new Error(instructions(still));
}
