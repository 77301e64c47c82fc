import { anyNumber, ended, jobsOf, readOptions, say, wholeNumber } from './command-line.ts';
import { Crew, type Work } from './crew.ts';
import { emptyCells, tableOf } from './fault-table.ts';
import { FAULTS } from './faults.ts';
import { type HistoryOptions, type Outcome, runHistory, runTwice } from './history.ts';
import { TEMPI, type Tempo } from './plan.ts';
import { commandOf, type Scenario, wholeSeed } from './scenario.ts';
import { shrink } from './shrink.ts';

const values = readOptions({
  seeds: { type: 'string', default: '100' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  offices: { type: 'string' },
  tempo: { type: 'string' },
  jobs: { type: 'string' },
  without: { type: 'string' },
  minutes: { type: 'string' },
  'only-strikes': { type: 'string' },
  'no-shrink': { type: 'boolean', default: false },
  twice: { type: 'boolean', default: false },
  trace: { type: 'boolean', default: false },
  'keep-going': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

/** So many must bring every fault to an office in every state in which it can strike. */
const SEEDS_FOR_ALL_CELLS = 1_000;

const HELP = `npm run simulate -- [options]
  --seeds N      how many seeds (100)
  --from S       the first one (1)
  --seed S       this one alone, exactly as it was
  --offices K    number of branches at the start; the seed decides unless it is given
  --without F,G  leave these faults out, of one seed
  --minutes M    how long things go wrong, of one seed
  --only-strikes A,B
                 only these strikes, as the trace names them; 'none' for none at all
  --no-shrink    do not look for a smaller history that fails in the same way
  --tempo T      hours: dense minutes; seasons: weeks and months; years: half of one or a whole one; the seed decides unless it is given
  --jobs N       threads; as many as there are processors unless it is given
  --trace        tell the story, of one seed
  --twice        run every seed twice, and compare the hashes of their traces
  --keep-going   do not stop at the first seed that fails`;

/** Runs the seeds and says what came of it. Exit code 1 when a promise was broken. */
async function main(): Promise<number> {
  if (values.help) return say(HELP);
  const only = values.seed === undefined ? null : wholeNumber('seed', values.seed);
  const from = only ?? wholeNumber('from', values.from);
  const count = only === null ? wholeNumber('seeds', values.seeds, 1) : 1;
  if (only === null && narrows())
    throw new Error('--trace, --without, --minutes and --only-strikes are for one seed: --seed S');
  const options = { branches: branches(), tempo: tempo(), twice: values.twice };
  const outcomes: Outcome[] = [];
  const beginMs = performance.now();
  const note = (outcome: Outcome): boolean => {
    outcomes.push(outcome);
    if (outcome.violation !== null) describeFailure(outcome);
    return outcome.violation === null || values['keep-going'];
  };
  const part = { ...wholeSeed(from, options.branches, options.tempo), ...narrowing() };
  if (count === 1) note(await runOne({ ...part, print: values.trace ? say : undefined }));
  else await new Crew().run(seedsFrom(from, count, options), jobsOf(values.jobs), note);
  summarize(outcomes, performance.now() - beginMs);
  const failed = outcomes.find(({ violation }) => violation !== null);
  if (failed !== undefined && !values.trace && !values['no-shrink']) await tellSmaller(part, failed);
  const isIncomplete = count >= SEEDS_FOR_ALL_CELLS && complainOf(emptyCells(outcomes));
  return isIncomplete || failed !== undefined ? 1 : 0;
}

/** A fault that never found an office in some state proves nothing about it. */
function complainOf(empty: readonly string[]): boolean {
  if (empty.length > 0) say(`INCOMPLETE: these never happened: ${empty.join(', ')}`);
  return empty.length > 0;
}

function narrows(): boolean {
  const { trace, without, minutes, 'only-strikes': only } = values;
  return trace || [without, minutes, only].some((value) => value !== undefined);
}

/** What the options leave of a seed. */
function narrowing(): Pick<Scenario, 'without' | 'minutes' | 'only'> {
  const { without, minutes, 'only-strikes': only } = values;
  return {
    without: (without?.split(',') ?? []).map((name) => faultNamed(name)),
    minutes: minutes === undefined ? null : anyNumber('minutes', minutes),
    only: only === undefined ? null : only.split(',').filter((name) => name !== 'none' && strikeNamed(name)),
  };
}

/** One that is misspelt would leave nothing out, and prove something else than was asked for. */
function faultNamed(name: string): string {
  if (FAULTS.some((fault) => fault.name === name)) return name;
  throw new Error(`There is no fault "${name}"; there are ${FAULTS.map((fault) => fault.name).join(', ')}`);
}

/** As the trace names them: a fault and which of its strikes, `link-cut.2`. */
function strikeNamed(name: string): string {
  const { fault } = /^(?<fault>[a-z-]+)(\.lead|\.aim\d+)?\.\d+$/.exec(name)?.groups ?? {};
  if (fault === undefined) throw new Error(`"${name}" is no strike; the trace names them, as in link-cut.2`);
  faultNamed(fault);
  return name;
}

async function tellSmaller(part: Scenario, failed: Outcome): Promise<void> {
  say(`shrinking seed ${failed.seed} ...`);
  const first = { ...part, seed: failed.seed };
  const { scenario, violation, runs, isExact } = await shrink(first, failed, {
    run: runHistory,
    nowMs: () => performance.now(),
  });
  say(`  smallest of ${runs}: ${violation}`);
  say(`  again: ${commandOf(scenario)}`);
  say(isExact ? '  it goes the same way every time' : '  IT GOES ANOTHER WAY WHEN IT IS PLAYED AGAIN');
}

function runOne(options: HistoryOptions): Promise<Outcome> {
  return values.twice ? runTwice(options) : runHistory(options);
}

function seedsFrom(from: number, count: number, options: Omit<Work, 'seed'>): Work[] {
  return Array.from({ length: count }, (_, at) => ({ ...options, seed: from + at }));
}

function branches(): number | null {
  return values.offices === undefined ? null : wholeNumber('offices', values.offices);
}

function tempo(): Tempo | null {
  const { tempo } = values;
  if (tempo === undefined) return null;
  const known = TEMPI.find((name) => name === tempo);
  if (known === undefined) throw new Error(`--tempo is none of ${TEMPI.join(', ')}: ${tempo}`);
  return known;
}

function describeFailure({ seed, violation, plan, strikes }: Outcome): void {
  const offices = values.offices === undefined ? '' : ` --offices ${values.offices}`;
  const tempo = values.tempo === undefined ? '' : ` --tempo ${values.tempo}`;
  say(`seed ${seed} FAILED: ${violation}`);
  say(`  branches ${plan.branches}, faults ${words(strikes) || 'none'}`);
  say(`  again: npm run simulate -- --seed ${seed}${offices}${tempo} --trace`);
}

function words(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}

function summarize(outcomes: readonly Outcome[], tookMs: number): void {
  const total = (of: (outcome: Outcome) => number) => outcomes.reduce((sum, outcome) => sum + of(outcome), 0);
  const failed = outcomes.filter(({ violation }) => violation !== null);
  const slowest = outcomes.reduce(
    (worst, one) => (one.healedInMs > worst.healedInMs ? one : worst),
    outcomes[0]!,
  );
  const struck = new Map(FAULTS.map(({ name }) => [name, total(({ strikes }) => strikes.get(name) ?? 0)]));
  const alarms = new Map<string, number>();
  for (const one of outcomes)
    for (const [type, count] of one.alarms) alarms.set(type, (alarms.get(type) ?? 0) + count);
  const officeYears = total(({ officeDays }) => officeDays) / 365;
  const seasons = outcomes.filter(({ plan }) => plan.season !== null).length;
  const cpu = process.cpuUsage();
  say(
    `${outcomes.length} seeds, ${officeYears.toFixed(1)} office-years in ${(tookMs / 1000).toFixed(1)} s, ${failed.length} failed`,
  );
  say(
    `  ${seasons} of weeks to a year, ${outcomes.length - seasons} of dense minutes; ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of processor, ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most`,
  );
  say(
    `  ${total(({ steps }) => steps)} steps, ${total(({ events }) => events)} events at heads, ${total(({ answered }) => answered)} answers kept but ${total(({ excused }) => excused)} on destroyed disks`,
  );
  say(`  faults: ${words(struck)}`);
  say(`  alarms: ${words(alarms) || 'none'}`);
  say(
    `  ended at their effects: ${total(({ effects }) => sum(effects))} processes, at ${kindsOf(outcomes)} kinds`,
  );
  if (outcomes.length > 1) say(tableOf(outcomes));
  say(`  healed within ${Math.round(slowest.healedInMs / 1000)} s (seed ${slowest.seed})`);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((a, b) => a + b, 0);
}

function kindsOf(outcomes: readonly Outcome[]): number {
  return new Set(outcomes.flatMap(({ effects }) => [...effects.keys()])).size;
}

process.stdout.on('error', () => process.exit(1)); // whoever read along has seen enough
await ended(main);
