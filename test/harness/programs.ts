import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

// Debian keeps these out of the PATH: several PostgreSQL versions side by side, and the RabbitMQ scripts that do
// not change user (the wrappers in /usr/sbin do).
const POSTGRES_FOLDERS = '/usr/lib/postgresql';
const OTHER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin', '/usr/local/opt/rabbitmq/sbin'];
const RABBITMQ_FOLDERS = ['/usr/lib/rabbitmq/bin', '/opt/rabbitmq/sbin', '/opt/homebrew/opt/rabbitmq/sbin'];

function newestFirst(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(folder, version, 'bin'));
  } catch {
    return [];
  }
}

function foldersFor(program: string): string[] {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  if (program.startsWith('rabbitmq')) return [...RABBITMQ_FOLDERS, ...path, ...OTHER_FOLDERS];
  return [...newestFirst(POSTGRES_FOLDERS), ...path, ...OTHER_FOLDERS];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function findProgram(program: string): string | undefined {
  return foldersFor(program)
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

/** The full path of a program that has to be there. */
export function program(name: string): string {
  const found = findProgram(name);
  if (!found) throw new Error(`${name} is not installed`);
  return found;
}
