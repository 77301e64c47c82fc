import autocannon from 'autocannon';
import type { Database } from './database.ts';
import type { Benchmark, BenchSetting, Measure, Repetition } from './figure.ts';
import type { OfficeProcess } from './office-process.ts';
import { BRANCH } from './sample-log.ts';
import { sampleSale } from './sample-sales.ts';

const BODIES = 500;

interface Load {
  readonly kind: Database;
  readonly connections: number;
  readonly measures: readonly Measure[];
}

const what = (kind: Database, connections: number): string =>
  `POST /api/sales at a branch on ${kind}, ${connections} connections, fully durable`;

const LOADS: readonly Load[] = [
  {
    kind: 'postgresql',
    connections: 64,
    measures: [
      { name: 'rest.postgresql', what: what('postgresql', 64), unit: 'sales/s', goal: { atLeast: 4_000 } },
      {
        name: 'rest.postgresql.p99',
        what: 'the same: 99 of 100 requests are answered within',
        unit: 'ms',
        goal: { atMost: 30 },
      },
    ],
  },
  {
    kind: 'sqlite',
    connections: 32,
    measures: [{ name: 'rest.sqlite', what: what('sqlite', 32), unit: 'sales/s', goal: { atLeast: 2_000 } }],
  },
];

/** What a till does: one sale, one request. The client runs beside the office on the same machine. */
export const restBenchmarks: readonly Benchmark[] = LOADS.map((load) => ({
  measures: load.measures,
  prepare: (setting) => prepare(setting, load),
}));

async function prepare(
  { servers, offices, quick }: BenchSetting,
  { kind, connections, measures }: Load,
): Promise<Repetition> {
  const office = await offices.start({ id: BRANCH, database: await servers.database(kind) });
  const seconds = quick ? 2 : 5;
  await postSales(office, connections, Math.ceil(seconds / 2)); // the first requests compile what the others run
  return async () => {
    const { rate, p50Ms, p99Ms } = await postSales(office, connections, seconds);
    const samples = [
      { value: rate, limit: null, details: { p50Ms, p99Ms } },
      { value: p99Ms, limit: null },
    ];
    return samples.slice(0, measures.length);
  };
}

export interface Posted {
  /** Sales a second. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Every request must be answered, and with 201. `atRate`: no faster than so many a second. */
export async function postSales(
  { url }: OfficeProcess,
  connections: number,
  seconds: number,
  atRate?: number,
): Promise<Posted> {
  const requests = Array.from({ length: BODIES }, (_, index) => ({
    method: 'POST' as const,
    path: '/api/sales',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(sampleSale(index)),
  }));
  const paced = atRate === undefined ? {} : { overallRate: atRate };
  const result = await autocannon({ url, connections, duration: seconds, requests, ...paced });
  const failed = result.errors + result.timeouts + result.non2xx;
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests failed`);
  const { p50, p99 } = result.latency;
  return { rate: result['2xx'] / result.duration, p50Ms: p50, p99Ms: p99 };
}
