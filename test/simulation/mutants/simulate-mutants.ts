// npm run simulate:mutants: plants one bug after another in a copy of the program and lets the simulator find it.
import { ended, jobsOf, readOptions, say, wholeNumber } from '../command-line.ts';
import { MUTANTS } from './all.ts';
import { compilerFlaws } from './compiles.ts';
import { callOff, type Catch, huntAll, type Quarry } from './hunt-all.ts';
import type { Mutant } from './mutant.ts';
import { Progress } from './progress.ts';
import { isGood, tableOf } from './report.ts';

const CONTROL_SEEDS = 100;

const HELP = `npm run simulate:mutants -- [options]
  --only NAME    this planted bug alone; may be given more than once
  --seeds N      how many seeds each has to be caught within (1000)
  --from S       the first one (1)
  --control N    seeds that the program as it is has to pass (${CONTROL_SEEDS})
  --jobs N       how many at a time; as many as there are processors unless it is given
  --list         only name them
  --json         the table as JSON`;

const values = readOptions({
  only: { type: 'string', multiple: true },
  seeds: { type: 'string', default: '1000' },
  from: { type: 'string', default: '1' },
  control: { type: 'string', default: String(CONTROL_SEEDS) },
  jobs: { type: 'string' },
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

async function main(): Promise<number> {
  if (values.help) return say(HELP);
  const mutants = chosen();
  if (values.list) return say(mutants.map(({ name, harm }) => `${name}: ${harm}`).join('\n'));
  refuseUncompiled(mutants);
  const seeds = wholeNumber('seeds', values.seeds, 1);
  const control = wholeNumber('control', values.control);
  const quarries: Quarry[] = [
    ...(control > 0 ? [{ mutant: null, seeds: control }] : []),
    ...mutants.map((mutant) => ({ mutant, seeds })),
  ];
  const progress = new Progress(quarries.length);
  const results = await huntAll(
    quarries,
    { from: wholeNumber('from', values.from), jobs: jobsOf(values.jobs) },
    progress,
  );
  progress.end();
  say(values.json ? JSON.stringify(results.map(asData), null, 2) : tableOf(results));
  return results.every(isGood) ? 0 : 1;
}

function chosen(): readonly Mutant[] {
  const { only } = values;
  if (only === undefined) return MUTANTS;
  return only.map((name) => {
    const mutant = MUTANTS.find((one) => one.name === name);
    if (mutant === undefined) throw new Error(`There is no planted bug "${name}"; --list names them all`);
    return mutant;
  });
}

function refuseUncompiled(mutants: readonly Mutant[]): void {
  const flaws = [...compilerFlaws(mutants)].map(([name, flaw]) => `"${name}" does not compile: ${flaw}`);
  if (flaws.length > 0) throw new Error(flaws.join('\n'));
}

function asData({ mutant, ...rest }: Catch): object {
  return { name: mutant?.name ?? null, harm: mutant?.harm ?? null, file: mutant?.file ?? null, ...rest };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
process.on('exit', callOff);
await ended(main);
