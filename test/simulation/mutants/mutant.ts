/** A small, realistic breakage of the program: what somebody might write, and what it would cost. */
export interface Mutant {
  readonly name: string;
  /** What it does to the people who work with it, in one sentence. */
  readonly harm: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** The file with the mutant in it. Throws when the program has moved on and the mutant no longer applies. */
export function mutate(source: string, { name, file, find, replace }: Mutant): string {
  const [before, ...rest] = source.split(find);
  if (rest.length !== 1)
    throw new Error(
      `The planted bug "${name}" is stale: what it changes stands ${rest.length} times in ${file}, not once. Bring it up to date in test/simulation/mutants`,
    );
  return `${before}${replace}${rest[0]}`;
}
