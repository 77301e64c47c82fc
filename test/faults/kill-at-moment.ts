// Loaded into an office before its program, by NODE_OPTIONS: ends the process at a named moment when a trap is set.
// The program knows nothing of it; what it has is the moments (mixins/moments.ts).
import { subscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { channelOf, type Moment, MOMENTS } from '../../mixins/moments.ts';
import { SPRUNG_FILE, TRAP_FILE, TRAP_FOLDER, type TrapSet } from './trap-files.ts';

/**
 * What was given to the line leaves the process a few turns later, and only then the broker has it. A trap on such a
 * moment springs after them, unless what ends the moment has come by then.
 */
const UNTIL: Partial<Record<Moment, { readonly turns: number; readonly before: Moment }>> = {
  'batch-published': { turns: 3, before: 'batch-confirmed' },
};

const folder = process.env[TRAP_FOLDER];
/** How often each moment came in this process. */
const counts = new Map<Moment, number>();
let seen = { text: '', passes: 0 };

if (folder !== undefined) {
  for (const moment of MOMENTS) subscribe(channelOf(moment), () => look(folder, moment));
}

function look(folder: string, moment: Moment): void {
  counts.set(moment, countOf(moment) + 1);
  const file = join(folder, TRAP_FILE);
  if (!existsSync(file)) return;
  const text = readFileSync(file, 'utf8');
  if (text !== seen.text) seen = { text, passes: 0 };
  const trap = JSON.parse(text) as TrapSet;
  if (trap.moment !== moment) return;
  seen.passes += 1;
  if (seen.passes < trap.pass) return;
  const until = UNTIL[moment];
  if (until === undefined) spring(folder, trap);
  else springAfter(until.turns, folder, trap, until.before, countOf(until.before));
}

function countOf(moment: Moment): number {
  return counts.get(moment) ?? 0;
}

function springAfter(turns: number, folder: string, trap: TrapSet, before: Moment, count: number): void {
  if (countOf(before) !== count) return; // too late: the next pass is another chance
  if (turns === 0) spring(folder, trap);
  else setImmediate(() => springAfter(turns - 1, folder, trap, before, count));
}

/** The trap is gone first, or the next process would walk into it as well. */
function spring(folder: string, trap: TrapSet): void {
  rmSync(join(folder, TRAP_FILE));
  writeFileSync(join(folder, SPRUNG_FILE), JSON.stringify({ ...trap, pid: process.pid }));
  process.kill(process.pid, 'SIGKILL');
}
