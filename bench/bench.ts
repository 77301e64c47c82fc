// npm run bench -- [--quick] [--only NAME]
// Measures on private servers of its own; JSON goes to stdout, progress and a table to stderr.
import { parseArgs } from 'node:util';
import { appendBenchmarks } from './append.ts';
import { catchupBenchmarks } from './catchup.ts';
import { demoBenchmarks } from './demo.ts';
import { type Benchmark, type BenchSetting, type Figure, figureOf, type Sample } from './figure.ts';
import { machine, versions } from './machine.ts';
import { repairBenchmarks } from './repair.ts';
import { jsonReport, tableReport } from './report.ts';
import { restBenchmarks } from './rest.ts';
import { benchServers } from './servers.ts';

const ALL: readonly Benchmark[] = [
  ...appendBenchmarks,
  ...restBenchmarks,
  ...catchupBenchmarks,
  ...repairBenchmarks,
  ...demoBenchmarks,
];
const REPETITIONS = 3;

const USAGE = `usage: npm run bench -- [--quick] [--only NAME]
Prints { machine, versions, figures } as JSON to stdout, progress and a table to stderr.
  --quick       shorter measurements, for a look
  --only NAME   one figure, or all whose names begin with NAME; may be repeated
figures:
${ALL.map(({ name, what }) => `  ${name.padEnd(20)} ${what}`).join('\n')}
`;

const say = (text: string): void => void process.stderr.write(text);

async function measure(benchmark: Benchmark, setting: BenchSetting): Promise<Figure> {
  say(`${benchmark.name.padEnd(20)} `);
  const prepared = await benchmark.prepare(setting);
  const samples: Sample[] = [];
  try {
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      samples.push(await prepared.once());
      say('.');
    }
  } finally {
    await prepared.end();
  }
  const figure = figureOf(benchmark, samples);
  say(` ${Number(figure.value.toPrecision(4))} ${figure.unit}\n`);
  return figure;
}

function chosen(only: readonly string[]): readonly Benchmark[] {
  const unknown = only.find((name) => !ALL.some((one) => one.name.startsWith(name)));
  if (unknown !== undefined) throw new Error(`There is no figure ${unknown}.\n${USAGE}`);
  return only.length === 0 ? ALL : ALL.filter(({ name }) => only.some((start) => name.startsWith(start)));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const benchmarks = chosen(values.only);
  const servers = benchServers();
  const figures: Figure[] = [];
  try {
    for (const benchmark of benchmarks)
      figures.push(await measure(benchmark, { quick: values.quick, servers }));
  } finally {
    await servers.remove();
  }
  const report = { machine: machine(), versions: await versions(), figures };
  say(`\n${tableReport(report)}`);
  process.stdout.write(jsonReport(report));
}

try {
  await main();
} catch (error) {
  say(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
