// Runs in the copy of the program: one seed after another, until one breaks a promise. One line of JSON for each.
//   node test/simulation/mutants/hunt.ts FROM SEEDS
import { runHistory } from '../history.ts';

/** What a hunt says of each seed. */
export interface Found {
  readonly seed: number;
  readonly violation: string | null;
}

const [from = 1, seeds = 1] = process.argv.slice(2).map(Number);

for (let seed = from; seed < from + seeds; seed++) {
  const { violation } = await runHistory({ seed, branches: null, tempo: 'hours' });
  const found: Found = { seed, violation };
  process.stdout.write(`${JSON.stringify(found)}\n`);
  if (violation !== null) break;
}
process.exit(0); // what a mutant left hanging is not waited for
