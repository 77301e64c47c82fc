import autocannon from 'autocannon';
import { freePort } from '../test/harness/ports.ts';
import type { Benchmark, BenchSetting, Prepared } from './figure.ts';
import { type OfficeProcess, startProcess } from './office-process.ts';
import { sampleSale } from './sample-sales.ts';

const CONNECTIONS = 32;
const BODIES = 500;

/** What a till does: one sale, one request. The client runs beside the office on the same machine. */
export const restBenchmarks: readonly Benchmark[] = [
  {
    name: 'rest.sqlite',
    what: `POST /api/sales at a branch on SQLite, ${CONNECTIONS} connections, full durability`,
    unit: 'sales/s',
    goal: { atLeast: 2_000 },
    prepare,
  },
];

async function prepare({ servers, quick }: BenchSetting): Promise<Prepared> {
  const port = await freePort();
  const DATABASE_URL = await servers.database('sqlite');
  const office = await startProcess({
    args: ['start'],
    env: { OFFICE_ID: 'bench', OFFICE_ROLE: 'branch', DATABASE_URL, PORT: String(port) },
    port,
  });
  const seconds = quick ? 2 : 8;
  await post(office, Math.ceil(seconds / 2)); // the first requests compile what the others run
  return {
    once: async () => ({ value: await post(office, seconds), limit: null }),
    end: () => office.stop(),
  };
}

/** Sales a second; every request must have been answered, and with 201. */
async function post({ url }: OfficeProcess, seconds: number): Promise<number> {
  const requests = Array.from({ length: BODIES }, (_, index) => ({
    method: 'POST' as const,
    path: '/api/sales',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(sampleSale(index)),
  }));
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds, requests });
  const failed = result.errors + result.timeouts + result.non2xx;
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests failed`);
  return result['2xx'] / result.duration;
}
