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
