import type { Catch } from './hunt-all.ts';

const WORDS_SHOWN = 110;

/** A mutant is to be caught, the program as it is is not. */
export function isGood({ mutant, violation, failure }: Catch): boolean {
  return failure === null && (violation !== null) === (mutant !== null);
}

/** The table, as Markdown, and what follows from it. */
export function tableOf(results: readonly Catch[]): string {
  const rows = [
    ['planted bug', 'caught by', 'seeds', 'seconds', 'what the checker said'],
    ['---', '---', '---:', '---:', '---'],
    ...results.map(rowOf),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => `| ${row.map((cell, at) => pad(cell, widths[at]!)).join(' | ')} |`);
  return [...lines, '', ...verdictOn(results)].join('\n');
}

function pad(cell: string, width: number): string {
  return /^-+:?$/.test(cell)
    ? cell.replace('---', '-'.repeat(width - (cell.length - 3)))
    : cell.padEnd(width);
}

function rowOf(result: Catch): string[] {
  const { mutant, seed, seedsRun, seconds } = result;
  const name = mutant?.name ?? '(none)';
  return [name, seed === null ? '-' : `seed ${seed}`, String(seedsRun), seconds.toFixed(1), wordsOf(result)];
}

export function wordsOf({ mutant, violation, failure }: Catch): string {
  const words = failure ?? violation ?? (mutant === null ? 'every promise kept' : 'NOT CAUGHT');
  const line = words.replace(/\s+/g, ' ').replaceAll('|', '/');
  return line.length > WORDS_SHOWN ? `${line.slice(0, WORDS_SHOWN)}…` : line;
}

function verdictOn(results: readonly Catch[]): string[] {
  const planted = results.filter(({ mutant }) => mutant !== null);
  const caught = planted.filter(isGood).length;
  const control = results.find(({ mutant }) => mutant === null);
  const lines = [`${caught} of ${planted.length} planted bugs were caught`];
  if (control !== undefined && !isGood(control))
    lines.push('the program as it is does not pass: what was caught above may not be the planted bugs');
  return lines;
}
