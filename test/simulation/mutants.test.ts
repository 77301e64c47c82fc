import { expect, it } from '@jest/globals';
import { MUTANTS } from './mutants/all.ts';
import { compilerFlaws } from './mutants/compiles.ts';

it('every planted bug compiles: else it would be caught for its own sake', () => {
  expect([...compilerFlaws(MUTANTS)]).toEqual([]);
}, 120_000);
