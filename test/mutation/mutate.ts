// npm run mutate: changes the protocol's code in every small way that StrykerJS knows, one at a time, and counts
// what the unit tests and the simulator notice.
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { readReport, score, sum, survivors, type Tally, tallies } from './tally.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    seeds: { type: 'string', default: '30' },
    jobs: { type: 'string', default: '2' },
    quick: { type: 'boolean', default: false },
    'go-on': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const HELP = `npm run mutate -- [options]
  --only PATH   a folder or file of those mutated, for instance domain/conflict; may be given more than once
  --seeds N     simulated histories that a mutant must survive, after the unit tests (30); 0 for unit tests only
  --jobs N      processes (2)
  --quick       leave out constants of modules: each mutant of one takes a new process
  --go-on       take over what the last run found, where neither the code nor its tests have changed
  --json        counts and survivors as JSON`;

const MUTATED = ['domain/sync', 'domain/conflict', 'domain/office'];
const REPORT = 'data/mutation-report.json';
const LAST_RUN = 'data/mutation-last-run.json';
const ENOUGH = 0.8;

async function main(): Promise<number> {
  if (values.help) return say(HELP);
  if (!values['go-on']) rmSync(LAST_RUN, { force: true });
  const stryker = new Stryker({
    configFile: 'test/mutation/stryker.json',
    mutate: (values.only ?? MUTATED).map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.ts`)),
    concurrency: whole('jobs', values.jobs),
    ignoreStatic: values.quick,
    simulatedSeeds: whole('seeds', values.seeds),
    incrementalFile: LAST_RUN,
    jsonReporter: { fileName: REPORT },
  });
  await stryker.runMutationTest();
  const report = readReport(REPORT);
  const counts = tallies(report);
  const all = [...counts.values()].reduce(sum);
  const left = survivors(report);
  if (values.json) say(JSON.stringify({ files: Object.fromEntries(counts), survivors: left }, null, 2));
  else say(table(counts));
  for (const { at, was, became, isUnseen } of values.json ? [] : left)
    say(`${at}  ${was}  ->  ${became}${isUnseen ? '  (no test comes by)' : ''}`);
  return score(all) >= ENOUGH ? 0 : 1;
}

function table(counts: ReadonlyMap<string, Tally>): string {
  const total = [...counts.values()].reduce(sum);
  const head = ['', 'mutants', 'units', 'seeds', 'endless', 'survived', 'score', 'words', 'constants'];
  const rows = [...counts, ['all', total] as const].map(([file, tally]) => [
    file,
    String(tally.mutants),
    String(tally.byUnits),
    String(tally.bySimulation),
    String(tally.endless),
    String(tally.survived),
    `${(100 * score(tally)).toFixed(1)}%`,
    String(tally.words),
    String(tally.constants),
  ]);
  const widest = Math.max(...rows.map(([file]) => file!.length));
  return [head, ...rows]
    .map(([file, ...cells]) => file!.padEnd(widest) + cells.map((cell) => cell.padStart(10)).join(''))
    .join('\n');
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} is no whole number: ${text}`);
}

function say(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

process.exitCode = await main();
