import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** In a container whose first process does not collect its children, the dead stay in the process table. */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // no /proc on this system
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

/** Whether a signal has stopped it, so that it does nothing until it is told to go on. */
export function isStopped(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (existsSync(path)) return readFileSync(path, 'utf8').includes(') T ');
  return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)])
    .toString()
    .startsWith('T');
}
