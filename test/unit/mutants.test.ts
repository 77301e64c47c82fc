import { stripTypeScriptTypes } from 'node:module';
import { MUTANTS } from '../simulation/mutants/all.ts';
import { mutate } from '../simulation/mutants/mutant.ts';
import { mutated } from '../simulation/mutants/tree.ts';

describe('every planted bug', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s still applies', (_name, mutant) => {
    const source = mutated(mutant);
    expect(source).toContain(mutant.replace);
    expect(() => stripTypeScriptTypes(source)).not.toThrow();
  });

  it('has a name of its own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });

  it('is one of many', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(25);
  });
});

describe('a planted bug', () => {
  const mutant = { name: 'a-bug', harm: '', file: 'a.ts', find: 'a < b', replace: 'a > b' };

  it('replaces what it names', () => {
    expect(mutate('if (a < b) c();', mutant)).toBe('if (a > b) c();');
  });

  it.each(['if (b > a) c();', 'a < b && a < b'])('is stale where that does not stand once: %s', (source) => {
    expect(() => mutate(source, mutant)).toThrow(/"a-bug" is stale/);
  });
});
