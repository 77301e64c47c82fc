// npm run bench -- [--quick] [--growth] [--events N] [--json] [--only NAME]
// Measures on private servers of its own. Progress goes to stderr; a table (or JSON, or Markdown) to stdout.
import { parseArgs } from 'node:util';
import { appendBenchmarks } from './append.ts';
import { catchupBenchmarks } from './catchup.ts';
import { codecBenchmarks } from './codec.ts';
import { conflictBenchmarks } from './conflicts.ts';
import { demoBenchmarks } from './demo.ts';
import { drainBenchmarks } from './drain.ts';
import { fanoutBenchmarks } from './fanout.ts';
import type { Benchmark, Figure } from './figure.ts';
import { Fixtures } from './fixtures.ts';
import { growthBenchmarks } from './growth.ts';
import { idleBenchmarks } from './idle.ts';
import { importBenchmarks } from './import.ts';
import { latencyBenchmarks } from './latency.ts';
import { machine, versions } from './machine.ts';
import { measure, type RunSetting, type Took } from './measure.ts';
import { memoryBenchmarks } from './memory.ts';
import { rebuildBenchmarks } from './rebuild.ts';
import { repairBenchmarks } from './repair.ts';
import { jsonReport, markdownReport, shown, tableReport } from './report.ts';
import { restBenchmarks } from './rest.ts';
import { EVENTS_STEP } from './sample-log.ts';
import { schemaBenchmarks } from './schema.ts';
import { benchServers } from './servers.ts';
import { startBenchmarks } from './start.ts';
import { wireBenchmarks } from './wire.ts';

/** In this order: what shares a long log comes where it is longest still missing. */
const ALL: readonly Benchmark[] = [
  ...wireBenchmarks,
  ...codecBenchmarks,
  ...appendBenchmarks,
  ...restBenchmarks,
  ...importBenchmarks,
  ...latencyBenchmarks,
  ...idleBenchmarks,
  ...catchupBenchmarks,
  ...repairBenchmarks,
  ...conflictBenchmarks,
  ...schemaBenchmarks,
  ...demoBenchmarks,
  ...fanoutBenchmarks,
  ...drainBenchmarks,
  ...startBenchmarks,
  ...memoryBenchmarks,
  ...rebuildBenchmarks,
  ...growthBenchmarks,
];
const NAME_WIDTH = 26;
/** For the repetitions of a benchmark: three of all would take longer than a run may on a slow day. */
const LONGEST_MS = 50_000;
const LONGEST_QUICK_MS = 8_000;
const EVENTS = 1_000_000;
const EVENTS_QUICK = 30_000;
const EVENTS_LEAST = 10_000;

const USAGE = `usage: npm run bench -- [--quick] [--growth] [--events N] [--json | --markdown] [--only NAME]
Prints a table of all figures, or with --json { machine, versions, figures }, to stdout; progress to stderr.
  --quick       shorter measurements, for a look
  --growth      also what takes most of an hour
  --events N    of the longest log, in place of ${EVENTS}; ${EVENTS_QUICK} with --quick. What is shorter is as much shorter
  --markdown    the table as docs/PERFORMANCE.md has it
  --only NAME   one figure, or all whose names begin with NAME; may be repeated
It ends with 1 if something broke, not if a goal is not met.
figures:
${ALL.flatMap(({ measures }) => measures)
  .map(({ name, what }) => `  ${name.padEnd(NAME_WIDTH)} ${what}`)
  .join('\n')}
`;

const say = (text: string): void => void process.stderr.write(text);

function isAsked({ measures }: Benchmark, only: readonly string[]): boolean {
  return only.length === 0 || measures.some(({ name }) => only.some((start) => name.startsWith(start)));
}

function chosen(only: readonly string[]): readonly Benchmark[] {
  const unknown = only.find((name) => !ALL.some((one) => isAsked(one, [name])));
  if (unknown !== undefined) throw new Error(`There is no figure ${unknown}.\n${USAGE}`);
  return ALL.filter((one) => isAsked(one, only));
}

async function measureAll(
  benchmarks: readonly Benchmark[],
  wishes: Pick<RunSetting, 'quick' | 'growth' | 'events'>,
): Promise<Figure[]> {
  const longestMs = wishes.quick ? LONGEST_QUICK_MS : LONGEST_MS;
  const servers = benchServers();
  const fixtures = new Fixtures(servers);
  const figures: Figure[] = [];
  const startedMs = performance.now();
  try {
    for (const benchmark of benchmarks) {
      say(`${benchmark.measures[0]!.name.padEnd(NAME_WIDTH)} `);
      const measured = await measure(benchmark, { ...wishes, longestMs, servers, fixtures }, () => say('.'));
      say(` ${measured.figures.map(inShort).join(', ')} (${timeText(measured.took)})\n`);
      figures.push(...measured.figures);
      if (measured.failed) process.exitCode = 1;
    }
  } finally {
    await servers.remove();
  }
  say(`in all ${shown((performance.now() - startedMs) / 60_000)} minutes\n`);
  return figures;
}

function timeText({ prepared, measured }: Took): string {
  return `${shown(prepared)} s to prepare, ${shown(measured)} s to measure`;
}

/** @throws unless all shares of such a log come out exactly */
function eventsAsked(text: string | undefined, quick: boolean): number {
  if (text === undefined) return quick ? EVENTS_QUICK : EVENTS;
  const events = Number(text);
  if (Number.isInteger(events) && events >= EVENTS_LEAST && events % EVENTS_STEP === 0) return events;
  throw new Error(`--events is at least ${EVENTS_LEAST}, and a multiple of ${EVENTS_STEP}.\n${USAGE}`);
}

function inShort({ value, unit, why }: Figure): string {
  return value === null ? `not measured: ${why}` : `${shown(value)} ${unit}`;
}

async function main(): Promise<void> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: {
      quick: flag,
      growth: flag,
      events: { type: 'string' },
      json: flag,
      markdown: flag,
      only: { type: 'string', multiple: true, default: [] },
      help: flag,
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const events = eventsAsked(values.events, values.quick);
  const figures = await measureAll(chosen(values.only), { ...values, events });
  const report = { machine: machine(), versions: await versions(), figures };
  if (values.json || values.markdown) say(`\n${tableReport(report)}`);
  const write = values.json ? jsonReport : values.markdown ? markdownReport : tableReport;
  process.stdout.write(write(report));
}

try {
  await main();
} catch (error) {
  say(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
