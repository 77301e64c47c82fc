import { setTimeout as after } from 'node:timers/promises';
import {
  type Benchmark,
  type BenchSetting,
  NotMeasured,
  percentile,
  type Repetition,
  type Sample,
} from './figure.ts';
import { startCompany } from './drain.ts';
import type { OfficeProcess } from './office-process.ts';
import { connected } from './office-processes.ts';
import { postSales } from './rest.ts';
import { sampleSale } from './sample-sales.ts';
import { type SoldWatch, watchSold } from './sold-watch.ts';

const BUSY_RATE = 2_000;
const CONNECTIONS = 64;
/** A sale that is not there by then never comes. */
const DEADLINE_MS = 30_000;
const WHAT = 'commit of a sale at a branch -> commit of its table row at the head, both on PostgreSQL';

export const latencyBenchmarks: readonly Benchmark[] = [
  {
    measures: [
      {
        name: 'latency.idle',
        what: `${WHAT}: one sale at a time, the median`,
        unit: 'ms',
        goal: { atMost: 6 },
      },
      { name: 'latency.idle.p99', what: 'the same, 99 of 100', unit: 'ms', goal: { atMost: 20 } },
    ],
    prepare: (setting) => prepare(setting, setting.quick ? 40 : 200, sellOneByOne),
  },
  {
    measures: [
      {
        name: 'latency.busy',
        what: `${WHAT}: at ${BUSY_RATE} sales a second, 99 of 100`,
        unit: 'ms',
        goal: { atMost: 100 },
      },
    ],
    prepare: (setting) => prepare(setting, setting.quick ? 2 : 5, sellBusily),
  },
];

type Measuring = (branch: OfficeProcess, watch: SoldWatch, amount: number) => Promise<Sample[]>;

async function prepare(setting: BenchSetting, amount: number, measuring: Measuring): Promise<Repetition> {
  const database = await setting.servers.database('postgresql');
  const { headDatabase, branch } = await startCompany(setting, database);
  await connected(branch);
  const watch = await watchSold(database, headDatabase);
  setting.onEnd(() => watch.close());
  await postSales(branch, CONNECTIONS, setting.quick ? 1 : 3); // the first sales compile what the others run
  await watch.settled(1, DEADLINE_MS);
  return () => measuring(branch, watch, amount);
}

async function sellOneByOne(branch: OfficeProcess, watch: SoldWatch, sales: number): Promise<Sample[]> {
  watch.begin();
  for (let index = 0; index < sales; index++) {
    await branch.ask('POST', '/api/sales', sampleSale(index));
    await watch.settled(index + 1, DEADLINE_MS);
    await after(Math.random() * 20); // nothing is to fall into step with a timer
  }
  const delays = watch.delaysMs();
  const details = { p90Ms: percentile(delays, 90), maxMs: Math.max(...delays) };
  return [
    { value: percentile(delays, 50), limit: null, details },
    { value: percentile(delays, 99), limit: null },
  ];
}

async function sellBusily(branch: OfficeProcess, watch: SoldWatch, seconds: number): Promise<Sample[]> {
  watch.begin();
  const { rate } = await postSales(branch, CONNECTIONS, seconds, BUSY_RATE);
  await watch.settled(0, DEADLINE_MS);
  const delays = watch.delaysMs();
  const p99Ms = percentile(delays, 99);
  if (rate < 0.95 * BUSY_RATE)
    throw new NotMeasured(
      `The branch took only ${Math.round(rate)} of ${BUSY_RATE} sales a second over REST; at that, 99 of 100 took ${Math.round(p99Ms)} ms`,
    );
  const details = { salesPerSecond: rate, p50Ms: percentile(delays, 50), maxMs: Math.max(...delays) };
  return [{ value: p99Ms, limit: null, details }];
}
