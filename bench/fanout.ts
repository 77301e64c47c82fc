import { setTimeout as after } from 'node:timers/promises';
import type { Benchmark, BenchSetting, Repetition } from './figure.ts';
import { importSales } from './import.ts';
import type { OfficeProcess } from './office-process.ts';
import { connected } from './office-processes.ts';

const LOOK_MS = 50;
const DEADLINE_MS = 180_000;

/** Processes for the head and every branch, and a broker, on one machine. */
export const fanoutBenchmarks: readonly Benchmark[] = [
  {
    measures: [
      {
        name: 'feed.fanout',
        what: '50,000 events of the head on PostgreSQL to 10 branches on SQLite that see everything, from the first import at the head until the last branch has applied the last of them',
        unit: 'deliveries/s',
        goal: { atLeast: 60_000 },
      },
    ],
    prepare,
  },
];

async function prepare({ servers, offices, quick, events: total }: BenchSetting): Promise<Repetition> {
  const branchCount = quick ? 3 : 10;
  const events = total / (quick ? 10 : 20);
  const link = await servers.broker();
  const head = await offices.start({ id: 'head', database: await servers.database('postgresql'), link });
  const ids = Array.from({ length: branchCount }, (_, index) => `shop-${index + 1}`);
  const branches: OfficeProcess[] = [];
  for (const id of ids) {
    await head.ask('POST', '/api/offices', { id, subscribe: 'all' });
    const database = await servers.database('sqlite');
    branches.push(await offices.start({ id, database, link, env: { SUBSCRIBE: 'all' } }));
  }
  await Promise.all(branches.map(connected));
  let imported = 0;
  return async () => {
    const value = await deliveryRate(head, branches, imported, events);
    imported += events;
    return [{ value, limit: null }];
  };
}

/** Deliveries a second: every event counts once for each branch. */
async function deliveryRate(
  head: OfficeProcess,
  branches: readonly OfficeProcess[],
  held: number,
  events: number,
): Promise<number> {
  const started = performance.now();
  await importSales(head, { sales: events, from: held, of: 'shop-1' });
  await Promise.all(branches.map((branch) => reached(branch, held + events, started + DEADLINE_MS)));
  return (events * branches.length * 1_000) / (performance.now() - started);
}

/** They write nothing themselves: what they hold is what was delivered. */
async function reached(branch: OfficeProcess, position: number, deadlineMs: number): Promise<void> {
  for (;;) {
    const path = `/api/events?after=${position - 1}&limit=1`;
    const { items } = await branch.ask<{ items: readonly unknown[] }>('GET', path);
    if (items.length > 0) return;
    if (performance.now() > deadlineMs) throw new Error(`A branch does not get to event ${position}`);
    await after(LOOK_MS);
  }
}
