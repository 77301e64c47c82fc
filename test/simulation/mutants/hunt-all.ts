import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Found } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import { fellTree, plantTree } from './tree.ts';

/** One run of the simulator: on a mutant, or on the program as it is (null). */
export interface Quarry {
  readonly mutant: Mutant | null;
  readonly seeds: number;
}

export interface Catch {
  readonly mutant: Mutant | null;
  /** The seed that showed it, and the checker's words; null when all seeds kept every promise. */
  readonly seed: number | null;
  readonly violation: string | null;
  readonly seedsRun: number;
  readonly seconds: number;
  /** The run itself came to grief: it caught nothing, and says nothing. */
  readonly failure: string | null;
}

export interface HuntEvents {
  seedRun(): void;
  ended(result: Catch): void;
}

/** A history that goes on for so long stands still; the machine may be busy with other things. */
const LONGEST_SEED_MS = 10 * 60_000;

const running = new Set<{ readonly child: ChildProcess; readonly tree: string }>();

/** Ends all runs and takes their copies away: for whoever stops the command in the middle. */
export function callOff(): void {
  for (const { child, tree } of running) {
    child.kill('SIGKILL');
    fellTree(tree);
  }
}

/** Runs them side by side, `jobs` at a time, in the order given. */
export async function huntAll(
  quarries: readonly Quarry[],
  { from, jobs }: { readonly from: number; readonly jobs: number },
  events: HuntEvents,
): Promise<Catch[]> {
  const results: Catch[] = [];
  const waiting = [...quarries.entries()];
  const hunter = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, quarry] = next;
      const result = await hunt(quarry, from, events);
      results[at] = result;
      events.ended(result);
    }
  };
  await Promise.all(Array.from({ length: jobs }, hunter));
  return results;
}

async function hunt({ mutant, seeds }: Quarry, from: number, events: HuntEvents): Promise<Catch> {
  const tree = plantTree(mutant);
  const beginMs = performance.now();
  const script = join(tree, 'test/simulation/mutants/hunt.ts');
  const args = ['--disable-warning=ExperimentalWarning', script, String(from), String(seeds)];
  const child = spawn(process.execPath, args, { cwd: tree, stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { child, tree };
  running.add(run);
  const { found, failure } = await listen(child, events);
  running.delete(run);
  fellTree(tree);
  const last = found.at(-1);
  const isWhole = last?.violation != null || found.length === seeds;
  return {
    mutant,
    seed: last?.violation == null ? null : last.seed,
    violation: last?.violation ?? null,
    seedsRun: found.length,
    seconds: (performance.now() - beginMs) / 1000,
    failure: isWhole ? null : `after ${found.length} seeds: ${failure}`,
  };
}

async function listen(child: ChildProcess, events: HuntEvents): Promise<{ found: Found[]; failure: string }> {
  const found: Found[] = [];
  let failure = '';
  const stop = (): void => {
    failure = 'a history does not come to its end';
    child.kill('SIGKILL');
  };
  let patience = setTimeout(stop, LONGEST_SEED_MS);
  createInterface({ input: child.stdout! }).on('line', (line) => {
    clearTimeout(patience);
    patience = setTimeout(stop, LONGEST_SEED_MS);
    found.push(JSON.parse(line) as Found);
    events.seedRun();
  });
  child.stderr!.on('data', (chunk: Buffer) => (failure = (failure + chunk.toString()).slice(-2_000)));
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(patience);
  return { found, failure: failure.trim() || 'it ended without a word' };
}
