import type { Figure, Goal } from './figure.ts';
import type { Machine } from './machine.ts';

export interface Report {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
}

const HEADINGS = ['figure', 'value', 'unit', 'limit', 'ratio', 'goal', 'met', 'lowest to highest'];

export function jsonReport(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The same as a table for people, with the reasons of what could not be measured below it. */
export function tableReport({ machine, versions, figures }: Report): string {
  const rows = [HEADINGS, ...figures.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryMb} MB, ${machine.system}`,
    versionText(versions),
    '',
    ...lines,
    ...reasons(figures),
    '',
  ].join('\n');
}

/** The same for documents: bold is what is not met. */
export function markdownReport({ machine, versions, figures }: Report): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = figures.map((figure) => {
    const [name, value, unit, limit, ratio, goal, met, range] = rowOf(figure);
    return line([
      `\`${name}\``,
      figure.value === null ? value! : `${value} ${unit}`,
      limit!,
      ratio!,
      goal!,
      met === 'NO' ? '**no**' : met!,
      range!,
    ]);
  });
  const headings = ['figure', 'value', 'limit', 'ratio', 'goal', 'met', 'lowest to highest'];
  const about = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryMb} MB, ${machine.system}; ${versionText(versions)}.`;
  const table = [line(headings), line(headings.map(() => '---')), ...rows];
  return [about, '', ...table, ...reasons(figures), ''].join('\n');
}

function versionText(versions: Report['versions']): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

function reasons(figures: readonly Figure[]): string[] {
  const without = figures.filter(({ why }) => why !== null);
  if (without.length === 0) return [];
  return ['', 'Not measured:', '', ...without.map(({ name, why }) => `- ${name}: ${why}`)];
}

function rowOf({ name, value, unit, limit, ratio, goal, met, range, repetitions }: Figure): string[] {
  return [
    name,
    value === null ? 'not measured' : shown(value),
    unit,
    limit === null ? '' : shown(limit),
    ratio === null ? '' : ratio.toFixed(2),
    `${goalText(goal)}${ratio === null ? '' : ' x'}`,
    met ? 'yes' : 'NO',
    range === null ? '' : repetitions === 1 ? 'one repetition' : range.map(shown).join(' to '),
  ];
}

function goalText(goal: Goal): string {
  return 'atLeast' in goal ? `>= ${shown(goal.atLeast)}` : `<= ${shown(goal.atMost)}`;
}

/** Three digits are as much as a measurement is good for. */
export function shown(value: number): string {
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)));
}
