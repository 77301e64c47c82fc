import { BROKER_FAULTS } from './faults/broker.ts';
import { DATASET_FAULTS } from './faults/datasets.ts';
import { DATABASE_FAULTS } from './faults/database.ts';
import type { Fault } from './faults/fault.ts';
import { LINE_FAULTS } from './faults/line.ts';
import { PEOPLE_FAULTS } from './faults/people.ts';
import { PROCESS_FAULTS } from './faults/process.ts';
import { RESTORE_FAULTS } from './faults/restore.ts';
import { BRANCH_STATES, HEAD_STATES, type OfficeState } from './office-state.ts';

export type { Fault };

/** Everything that can go wrong. */
export const FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...DATABASE_FAULTS,
  ...LINE_FAULTS,
  ...BROKER_FAULTS,
  ...RESTORE_FAULTS,
  ...PEOPLE_FAULTS,
  ...DATASET_FAULTS,
];

/** States in which a fault can find an office. */
export function statesHitBy({ hits, never = {} }: Fault): OfficeState[] {
  const branch = hits === 'head' ? [] : BRANCH_STATES;
  const head = hits === 'branch' ? [] : HEAD_STATES;
  return [...branch, ...head].filter((state) => never[state] === undefined);
}

export interface Cell {
  readonly fault: Fault;
  readonly state: OfficeState;
}

export const CELLS: readonly Cell[] = FAULTS.flatMap((fault) =>
  statesHitBy(fault).map((state) => ({ fault, state })),
);
