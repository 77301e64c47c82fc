import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Mutant, mutate } from './mutant.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');
/** All that the simulator runs. */
const FOLDERS = ['domain', 'mixins', 'services', 'migrations', 'test/simulation'];

/** A copy of the program, with one mutant or none. The repository itself is only read. */
export function plantTree(mutant: Mutant | null): string {
  const tree = mkdtempSync(join(tmpdir(), 'branchline-mutant-'));
  mkdirSync(join(tree, 'test'));
  for (const folder of FOLDERS) cpSync(join(ROOT, folder), join(tree, folder), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(tree, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'), 'dir');
  if (mutant !== null) writeFileSync(join(tree, mutant.file), mutated(mutant));
  return tree;
}

export function fellTree(tree: string): void {
  rmSync(tree, { recursive: true, force: true });
}

/** Text of the mutant's file with the mutant in it. Throws when the mutant is stale. */
export function mutated(mutant: Mutant): string {
  return mutate(readFileSync(join(ROOT, mutant.file), 'utf8'), mutant);
}
