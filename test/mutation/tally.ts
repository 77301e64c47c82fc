import { readFileSync } from 'node:fs';

interface Place {
  readonly line: number;
  readonly column: number;
}

interface Mutant {
  readonly status: string;
  readonly statusReason?: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
  readonly killedBy?: readonly string[];
}

/** As much of the report (mutation-testing-elements, its schema) as is needed here. */
export interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
  readonly testFiles: Readonly<
    Record<string, { readonly tests: readonly { readonly id: string; readonly name: string }[] }>
  >;
}

export interface Tally {
  readonly mutants: number;
  readonly byUnits: number;
  readonly bySimulation: number;
  /** Ran without an end. */
  readonly endless: number;
  readonly survived: number;
  /** Not judged, see ignore-texts.ts. */
  readonly words: number;
  /** Not judged in a quick run. */
  readonly constants: number;
}

export interface Survivor {
  /** `domain/sync/head.ts:33` */
  readonly at: string;
  readonly was: string;
  readonly became: string;
  /** No test comes by. */
  readonly isUnseen: boolean;
}

const NOTHING: Tally = {
  mutants: 0,
  byUnits: 0,
  bySimulation: 0,
  endless: 0,
  survived: 0,
  words: 0,
  constants: 0,
};

export function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

/** By file. */
export function tallies(report: Report): Map<string, Tally> {
  const histories = seedsOf(report);
  return new Map(
    Object.entries(report.files).map(([file, { mutants }]) => [
      file,
      mutants.map((mutant) => tallyOf(mutant, histories)).reduce(sum, NOTHING),
    ]),
  );
}

export function sum(a: Tally, b: Tally): Tally {
  return {
    mutants: a.mutants + b.mutants,
    byUnits: a.byUnits + b.byUnits,
    bySimulation: a.bySimulation + b.bySimulation,
    endless: a.endless + b.endless,
    survived: a.survived + b.survived,
    words: a.words + b.words,
    constants: a.constants + b.constants,
  };
}

/** Part of the mutants that something noticed, 0 to 1. */
export function score({ mutants, survived }: Tally): number {
  return mutants === 0 ? 1 : (mutants - survived) / mutants;
}

function seedsOf({ testFiles }: Report): ReadonlySet<string> {
  const tests = Object.values(testFiles).flatMap((file) => file.tests);
  return new Set(tests.filter(({ name }) => name.startsWith('seed ')).map(({ id }) => id));
}

function tallyOf(
  { status, statusReason = '', killedBy = [] }: Mutant,
  histories: ReadonlySet<string>,
): Tally {
  switch (status) {
    case 'Ignored':
      return statusReason.startsWith('Static') ? { ...NOTHING, constants: 1 } : { ...NOTHING, words: 1 };
    case 'Timeout':
      return { ...NOTHING, mutants: 1, endless: 1 };
    case 'Survived':
    case 'NoCoverage':
      return { ...NOTHING, mutants: 1, survived: 1 };
    default:
      return killedBy.every((id) => histories.has(id))
        ? { ...NOTHING, mutants: 1, bySimulation: 1 }
        : { ...NOTHING, mutants: 1, byUnits: 1 };
  }
}

/** What nothing noticed, in the order of the files. */
export function survivors({ files }: Report): Survivor[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants
      .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
      .sort((a, b) => a.location.start.line - b.location.start.line)
      .map(({ status, location, replacement }) => ({
        at: `${file}:${location.start.line}`,
        was: oneLine(excerpt(source, location)),
        became: oneLine(replacement),
        isUnseen: status === 'NoCoverage',
      })),
  );
}

function excerpt(source: string, { start, end }: Mutant['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return lines.join('\n');
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 90 ? line : `${line.slice(0, 60)} ... ${line.slice(-25)}`;
}
