import { CELLS, type Fault, FAULTS, statesHitBy } from './faults.ts';
import type { Outcome } from './history.ts';
import { BRANCH_STATES, HEAD_STATES, type OfficeState } from './office-state.ts';

type Counted = Pick<Outcome, 'cells'>;

/** How often each fault struck an office in each state; `-` where it cannot, see `never` of the fault. */
export function tableOf(outcomes: readonly Counted[]): string {
  const counts = totalsOf(outcomes);
  return [partOf('of a branch', BRANCH_STATES, counts), partOf('of the head', HEAD_STATES, counts)].join(
    '\n',
  );
}

/** Cells that are possible, and never happened. */
export function emptyCells(outcomes: readonly Counted[]): string[] {
  const counts = totalsOf(outcomes);
  return CELLS.map(({ fault, state }) => `${fault.name} ${state}`).filter((cell) => !counts.has(cell));
}

function totalsOf(outcomes: readonly Counted[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { cells } of outcomes)
    for (const [cell, count] of cells) counts.set(cell, (counts.get(cell) ?? 0) + count);
  return counts;
}

function partOf(title: string, states: readonly OfficeState[], counts: ReadonlyMap<string, number>): string {
  const hit = FAULTS.filter((fault) => statesHitBy(fault).some((state) => states.includes(state)));
  const width = Math.max(...FAULTS.map(({ name }) => name.length)) + 2;
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}${cells.map((cell, at) => cell.padStart(states[at]!.length + 2)).join('')}`;
  const rows = hit.map((fault) => line(fault.name, cellsOf(fault, states, counts)));
  return [line(title, states), ...rows].join('\n');
}

function cellsOf(
  fault: Fault,
  states: readonly OfficeState[],
  counts: ReadonlyMap<string, number>,
): string[] {
  const possible = statesHitBy(fault);
  return states.map((state) =>
    possible.includes(state) ? String(counts.get(`${fault.name} ${state}`) ?? 0) : '-',
  );
}
