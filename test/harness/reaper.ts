// Runs as a process of its own beside every process that starts servers. Its stdin closes when that process ends,
// however it ends; what is still listed then is stopped and removed. One JSON line a change:
//   {"add":{"pid":7,"signal":"SIGTERM"}}  {"add":{"folder":"/tmp/x"}}  {"drop":{"pid":7}}  {"drop":{"folder":"/tmp/x"}}
//   {"add":{"mount":"/tmp/x"}}  {"drop":{"mount":"/tmp/x"}}
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { isAlive } from './process-state.ts';

export interface Process {
  readonly pid: number;
  readonly signal?: NodeJS.Signals;
}
export interface Folder {
  readonly folder: string;
}

/** Unmounted before folders are removed. */
export interface Mount {
  readonly mount: string;
}

export interface Note {
  readonly add?: Process | Folder | Mount;
  readonly drop?: Process | Folder | Mount;
}

const TERM_DEADLINE_MS = 10_000;
const POLL_MS = 50;
const processes = new Map<number, Process>();
const folders = new Set<string>();
const mounts = new Set<string>();

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // already gone
  }
}

async function end({ pid, signal = 'SIGTERM' }: Process): Promise<void> {
  const deadline = Date.now() + TERM_DEADLINE_MS;
  send(pid, 'SIGCONT');
  send(pid, signal);
  while (isAlive(pid)) {
    if (Date.now() > deadline) send(pid, 'SIGKILL');
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

function note({ add, drop }: Note): void {
  if (add && 'pid' in add) processes.set(add.pid, add);
  if (add && 'folder' in add) folders.add(add.folder);
  if (add && 'mount' in add) mounts.add(add.mount);
  if (drop && 'pid' in drop) processes.delete(drop.pid);
  if (drop && 'folder' in drop) folders.delete(drop.folder);
  if (drop && 'mount' in drop) mounts.delete(drop.mount);
}

for await (const line of createInterface({ input: process.stdin })) note(JSON.parse(line) as Note);
await Promise.all([...processes.values()].map(end));
for (const mount of mounts) spawnSync('umount', ['--lazy', mount]);
for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 20 });
