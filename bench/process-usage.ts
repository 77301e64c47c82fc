// What a process takes, as Linux counts it in /proc; elsewhere only its memory, by ps.
import { existsSync, readFileSync } from 'node:fs';
import { runProgram } from '../test/harness/run-program.ts';

/** Linux counts processor time in these, whatever the kernel's own ticks are. */
const TICKS_PER_SECOND = 100;
const LOOK_EVERY_MS = 100;

/** Resident memory in MB (2^20 bytes). */
export async function residentMb(pid: number): Promise<number> {
  if (!existsSync(`/proc/${pid}/status`))
    return Number(await runProgram('ps', ['-o', 'rss=', '-p', String(pid)])) / 1024;
  return field(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') / 1024;
}

function field(status: string, name: string): number {
  const found = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1];
  if (found === undefined) throw new Error(`The system does not say ${name}`);
  return Number(found);
}

/** Seconds of processor time, all threads; null where the system has no /proc. */
export function processorSeconds(pid: number): number | null {
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  return processorSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** The name of the program stands in brackets and may hold anything. */
export function processorSecondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export interface MemoryCourse {
  readonly peakMb: number;
  /** The most in each quarter of the time. */
  readonly quartersMb: readonly [number, number, number, number];
}

/** Looks at some processes ten times a second while `activity` runs. */
export async function memoryDuring(
  pids: readonly number[],
  activity: () => Promise<void>,
): Promise<MemoryCourse[]> {
  const seen: number[][] = pids.map(() => []);
  const look = async (): Promise<void> => {
    for (const [index, pid] of pids.entries()) seen[index]!.push(await residentMb(pid));
  };
  await look();
  const timer = setInterval(() => void look().catch(() => {}), LOOK_EVERY_MS);
  try {
    await activity();
    await look();
  } finally {
    clearInterval(timer);
  }
  return seen.map(courseOf);
}

export function courseOf(looksMb: readonly number[]): MemoryCourse {
  const quarter = (index: number): number => {
    const from = Math.floor((index * looksMb.length) / 4);
    return Math.max(
      ...looksMb.slice(from, Math.max(from + 1, Math.floor(((index + 1) * looksMb.length) / 4))),
    );
  };
  return { peakMb: Math.max(...looksMb), quartersMb: [quarter(0), quarter(1), quarter(2), quarter(3)] };
}
