import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DomainError } from '../../../domain/errors.ts';
import { parseDatabaseUrl } from '../database-url.ts';
import { isBusy } from './sqlite-trouble.ts';

/** Who runs on a database file, for whoever comes second. */
export interface Holder {
  readonly pid: number;
  readonly office: string;
  /** Where its gateway listens, if it has one. */
  readonly url: string | null;
  readonly since: string;
}

export interface SoleUse {
  release(): void;
}

const NOTHING_HELD: SoleUse = { release() {} };

/** Locks of this process: one that nobody refers to would be let go of when memory is collected. */
const HELD = new Set<DatabaseSync>();

/**
 * Sees to it that one process alone runs an office on a SQLite file; a server has no such guard, since several nodes
 * of a head may share one. What is held is SQLite's own lock on an empty file beside the database: the system lets go
 * of it when the process ends, however it ends, so nothing stays locked after a kill. Who holds it stands in a second
 * file, because a process that reads and closes a locked file would lose the lock.
 * @throws DomainError `database-in-use`, whose data.holder says by whom, where that is known
 */
export function takeSoleUse(databaseUrl: string, holder: Pick<Holder, 'office' | 'url'>): SoleUse {
  const { family, target, shown } = parseDatabaseUrl(databaseUrl);
  if (family !== 'sqlite') return NOTHING_HELD;
  const path = realPath(target);
  const lock = lockOf(path);
  if (lock === 'held') throw inUse(shown, path);
  if (lock === 'impossible') return NOTHING_HELD; // the store says better what is wrong with the folder
  HELD.add(lock);
  writeHolder(path, { pid: process.pid, ...holder, since: new Date().toISOString() });
  return {
    release() {
      rmSync(holderPath(path), { force: true });
      lock.close();
      HELD.delete(lock);
    },
  };
}

function lockOf(path: string): DatabaseSync | 'held' | 'impossible' {
  let lock: DatabaseSync | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock?.close();
    return isBusy(error) ? 'held' : 'impossible';
  }
}

/** One file has one lock, by whatever links it is reached. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return join(realFolder(dirname(resolve(path))), basename(path));
  }
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function holderPath(path: string): string {
  return `${path}.lock.json`;
}

function writeHolder(path: string, holder: Holder): void {
  try {
    writeFileSync(holderPath(path), `${JSON.stringify(holder)}\n`);
  } catch {
    // Only the message of whoever comes second would have been better.
  }
}

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(holderPath(path), 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Who runs on a database file, as far as a note of a process that lives tells; null for a server. */
export function holderOf(databaseUrl: string): Holder | null {
  const { family, target } = parseDatabaseUrl(databaseUrl);
  const holder = family === 'sqlite' ? readHolder(realPath(target)) : null;
  return holder !== null && isAlive(holder.pid) ? holder : null;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(shown: string, path: string): DomainError {
  const holder = readHolder(path);
  const who = holder === null ? 'another process' : `process ${holder.pid}, office "${holder.office}"`;
  const where = holder?.url == null ? '' : ` at ${holder.url}`;
  const message = `${shown} (${path}) is in use by ${who}${where}`;
  return new DomainError('database-in-use', message, { database: shown, path, holder });
}
