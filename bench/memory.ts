import { drainWaiting, startCompany } from './drain.ts';
import type { Benchmark, BenchSetting, Measure, Repetition, Sample } from './figure.ts';
import { importSales } from './import.ts';
import { type MemoryCourse, memoryDuring } from './process-usage.ts';
import { BRANCH, sampleLogSize } from './sample-log.ts';

const MOST_MB = 250;
/** From the second quarter to the last: what is more is not the heap settling. */
const FLAT = 1.15;
/** Nobody listens there. */
const DEAD_LINK = 'amqp://nobody:nothing@127.0.0.1:9/';

/** One repetition each: the worst of some hundred looks, ten a second. */
export const memoryBenchmarks: readonly Benchmark[] = [
  {
    repetitions: 1,
    measures: [
      ...measuresOf('memory.drain.branch', 'a branch on SQLite while a million events drain to the head'),
      ...measuresOf('memory.drain.head', 'the head on PostgreSQL while a branch drains a million events'),
    ],
    prepare: prepareDrain,
  },
  {
    repetitions: 1,
    measures: measuresOf(
      'memory.append',
      'a branch on SQLite that imports a million sales with the broker away',
    ),
    prepare: prepareAppend,
  },
];

function measuresOf(name: string, whom: string): Measure[] {
  return [
    { name, what: `most memory resident: ${whom}`, unit: 'MB', goal: { atMost: MOST_MB } },
    {
      name: `${name}.growth`,
      what: `most of the last quarter of the time to most of the second: ${whom}`,
      unit: 'x',
      goal: { atMost: FLAT },
    },
  ];
}

async function prepareDrain(setting: BenchSetting): Promise<Repetition> {
  const total = sampleLogSize(setting.quick);
  const database = await setting.fixtures.copy('sqlite', { events: total, total });
  const { head, branch } = await startCompany(setting, database);
  const pids = [branch.pid, head.pid];
  const drain = () => drainWaiting(branch);
  return async () => (await memoryDuring(pids, drain)).flatMap(samplesOf);
}

async function prepareAppend({ servers, offices, quick }: BenchSetting): Promise<Repetition> {
  const database = await servers.database('sqlite');
  const branch = await offices.start({ id: BRANCH, database, link: DEAD_LINK });
  const append = () => importSales(branch, { sales: sampleLogSize(quick) });
  return async () => (await memoryDuring([branch.pid], append)).flatMap(samplesOf);
}

function samplesOf({ peakMb, quartersMb }: MemoryCourse): Sample[] {
  const [firstMb, secondMb, thirdMb, lastMb] = quartersMb;
  return [
    { value: peakMb, limit: null, details: { firstMb, secondMb, thirdMb, lastMb } },
    { value: lastMb / secondMb, limit: null },
  ];
}
