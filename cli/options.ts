import { InvalidArgumentError, Option } from 'commander';

/** An option that takes one of a few words. */
export function oneOf(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words);
}

/** For an option that takes a whole number; it stays text, as a query takes it. */
export function wholeNumber(least: number, most: number): (text: string) => string {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return text;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** For an option that takes a length of time, `90m`, `36h`, `2d` or `1w`: in milliseconds. */
export function duration(text: string): number {
  const [, number, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  if (number !== undefined && unit !== undefined) return Number(number) * UNITS_MS[unit]!;
  throw new InvalidArgumentError('It must be a length of time such as 90m, 36h, 2d or 1w.');
}

/** For an option that takes a time: a date, an instant, or a length of time before now. Gives an instant. */
export function since(text: string): string {
  if (/^\d{1,6}[mhdw]$/.test(text)) return new Date(Date.now() - duration(text)).toISOString();
  const timeMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(timeMs)) return new Date(timeMs).toISOString();
  throw new InvalidArgumentError('It must be a time such as 2026-04-01, or 36h, 2d or 1w ago.');
}
