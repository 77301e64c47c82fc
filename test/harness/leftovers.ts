import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Folder, Mount, Note, Process } from './reaper.ts';

const REAPER = fileURLToPath(new URL('./reaper.ts', import.meta.url));

let reaper: ChildProcess | undefined;

function startReaper(): ChildProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', REAPER], {
    detached: true, // Ctrl-C in the terminal must not reach it
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

function tell(note: Note): void {
  reaper ??= startReaper();
  reaper.stdin?.write(`${JSON.stringify(note)}\n`);
}

/** What is added here is stopped (processes), unmounted or removed (folders) when this process ends, even by SIGKILL. */
export const leftovers = {
  add: (left: Process | Folder | Mount): void => tell({ add: left }),
  drop: (left: Process | Folder | Mount): void => tell({ drop: left }),
};
