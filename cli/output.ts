import { errorType } from '../domain/errors.ts';

export interface OutputOptions {
  /** Whether a program reads along. */
  readonly json?: boolean;
}

/** The answer of a command, on stdout; everything else a command says goes to stderr. */
export function print(value: unknown, { json }: OutputOptions, forPeople: () => string): void {
  process.stdout.write(`${json === true ? JSON.stringify(value, null, 2) : forPeople()}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printError(error: unknown, { json }: OutputOptions): void {
  const message = error instanceof Error ? error.message : String(error);
  if (json === true)
    process.stdout.write(`${JSON.stringify({ error: errorForPrograms(error, message) }, null, 2)}\n`);
  else
    say(`branchline: ${errorType(error) === 'unexpected' && error instanceof Error ? error.stack : message}`);
}

function errorForPrograms(error: unknown, message: string): object {
  return { type: errorType(error), message, ...((error as { data?: object }).data ?? {}) };
}

/** Columns under each other, two blanks apart. */
export function table(heading: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const texts = [heading, ...rows.map((row) => row.map((cell) => String(cell ?? '-')))];
  const widths = heading.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)));
  const lines = texts.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}
