import { globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InstrumenterContext } from '@stryker-mutator/api/core';
import type { Check } from './check.ts';
import { testsOf } from './jest-tests.ts';

const MUTATED = 'domain/{sync,conflict,office}/**/*.ts';
const HISTORIES = 'test/simulation/history.ts';
const EXAMPLES: Check = { id: 'examples', file: 'test/mutation/checks.ts', run: () => Promise.resolve() };
const IMPORTS = /\bfrom\s+["'](\.[^"']+)["']/g;

/**
 * The unit tests that reach mutated code, and seeds 1 to `seeds` of the simulator. To be called once, in a folder
 * with the instrumented code.
 */
export async function loadChecks(seeds: number, switches: InstrumenterContext): Promise<Check[]> {
  const mutated = globSync(MUTATED).map((file) => resolve(file));
  for (const path of mutated) await load(path);
  // What runs on the way from here on builds the examples of tests: only constants of the program count as such.
  switches.currentTestId = EXAMPLES.id;
  const files = globSync('test/unit/*.test.ts').filter((file) => reaches(resolve(file), new Set(mutated)));
  const checks: Check[] = [EXAMPLES];
  for (const file of files.sort()) checks.push(...(await testsOf(file)));
  checks.push(...(await histories(seeds)));
  delete switches.currentTestId;
  return checks;
}

const load = (path: string): Promise<unknown> => import(pathToFileURL(resolve(path)).href);

/** Whether a file imports one of those wanted, at any remove. */
function reaches(path: string, wanted: ReadonlySet<string>, seen = new Set<string>()): boolean {
  if (seen.has(path)) return false;
  seen.add(path);
  const imports = [...readFileSync(path, 'utf8').matchAll(IMPORTS)].map(([, to]) =>
    resolve(dirname(path), to!),
  );
  return imports.some((to) => wanted.has(to) || (to.endsWith('.ts') && reaches(to, wanted, seen)));
}

async function histories(seeds: number): Promise<Check[]> {
  if (seeds === 0) return [];
  const { runHistory } = (await load(HISTORIES)) as typeof import('../simulation/history.ts');
  return Array.from({ length: seeds }, (_, at) => ({
    id: `seed ${at + 1}`,
    file: HISTORIES,
    run: async () => {
      const { violation } = await runHistory({ seed: at + 1, branches: null, tempo: 'hours' });
      if (violation !== null) throw new Error(violation);
    },
  }));
}
