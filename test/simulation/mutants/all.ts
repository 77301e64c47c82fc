import { CONFLICT_MUTANTS } from './conflicts.ts';
import { COPIES_MUTANTS } from './copies.ts';
import { COUNT_MUTANTS } from './counts.ts';
import { DATASET_MUTANTS } from './datasets.ts';
import { DOWN_MUTANTS } from './down.ts';
import { LOG_MUTANTS } from './log.ts';
import type { Mutant } from './mutant.ts';
import { PROGRAM_MUTANTS } from './programs.ts';
import { REPAIR_MUTANTS } from './repair.ts';
import { UP_MUTANTS } from './up.ts';

export const MUTANTS: readonly Mutant[] = [
  ...LOG_MUTANTS,
  ...UP_MUTANTS,
  ...DOWN_MUTANTS,
  ...CONFLICT_MUTANTS,
  ...REPAIR_MUTANTS,
  ...COPIES_MUTANTS,
  ...DATASET_MUTANTS,
  ...PROGRAM_MUTANTS,
  ...COUNT_MUTANTS,
];
