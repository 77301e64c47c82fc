import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { freePort } from '../test/harness/ports.ts';
import { eventually } from '../test/harness/wait.ts';
import type { Benchmark, BenchSetting, Prepared } from './figure.ts';
import { type OfficeProcess, startProcess } from './office-process.ts';
import { sampleSale } from './sample-sales.ts';

const SALES = 10_000;
const IMPORT_AT_ONCE = 1_000;
const LOOK_MS = 10;
const DEADLINE_MS = 120_000;

/** An evening's work: what was sold while the line was cut reaches the head. Three processes and a broker, 2 cores. */
export const catchupBenchmarks: readonly Benchmark[] = [
  {
    name: 'catchup.postgresql',
    what: `${SALES} imported sales, branch on SQLite -> RabbitMQ -> head on PostgreSQL, from resume until acknowledged and counted`,
    unit: 's',
    goal: { atMost: 3 },
    prepare,
  },
];

interface SyncView {
  readonly state: string;
  readonly pending: number;
}

async function prepare({ servers }: BenchSetting): Promise<Prepared> {
  const LINK_URL = await servers.broker();
  const head = await startOffice('head', await servers.database('postgresql'), LINK_URL);
  try {
    await head.ask('POST', '/api/offices', { id: 'west' });
    const branch = await startOffice('west', await servers.database('sqlite'), LINK_URL);
    let imported = 0;
    const once = async () => ({ value: await catchUp(head, branch, (imported += SALES)), limit: null });
    const end = async (): Promise<void> => {
      await branch.stop();
      await head.stop();
    };
    await connected(branch);
    return { once, end };
  } catch (error) {
    await head.stop();
    throw error;
  }
}

async function startOffice(id: string, DATABASE_URL: string, LINK_URL: string): Promise<OfficeProcess> {
  const port = await freePort();
  const OFFICE_ROLE = id === 'head' ? 'head' : 'branch';
  return startProcess({
    args: ['start'],
    env: { OFFICE_ID: id, OFFICE_ROLE, DATABASE_URL, LINK_URL, PORT: String(port) },
    port,
  });
}

async function connected(branch: OfficeProcess): Promise<void> {
  await eventually(async () => {
    const { state } = await branch.ask<SyncView>('GET', '/api/sync');
    if (state !== 'streaming') throw new Error(`The branch is ${state}`);
  }, DEADLINE_MS);
}

/** Seconds from the resume until the head counts `total` sales and the branch knows that it has them. */
async function catchUp(head: OfficeProcess, branch: OfficeProcess, total: number): Promise<number> {
  await branch.ask('POST', '/api/sync/pause');
  await importSales(branch, total - SALES);
  const started = performance.now();
  await branch.ask('POST', '/api/sync/resume');
  await drained(branch, started + DEADLINE_MS);
  const counted = await head.ask<{ total: number }>('GET', '/api/sales?limit=1&count=true');
  const seconds = (performance.now() - started) / 1_000;
  if (counted.total !== total) throw new Error(`The head counts ${counted.total} sales instead of ${total}`);
  return seconds;
}

async function drained(branch: OfficeProcess, deadlineMs: number): Promise<void> {
  for (;;) {
    const { pending, state } = await branch.ask<SyncView>('GET', '/api/sync');
    if (pending === 0) return;
    if (performance.now() > deadlineMs)
      throw new Error(`The branch is ${state}, ${pending} sales are not acknowledged`);
    await after(LOOK_MS);
  }
}

async function importSales(branch: OfficeProcess, from: number): Promise<void> {
  for (let at = from; at < from + SALES; at += IMPORT_AT_ONCE) {
    const rows = Array.from({ length: IMPORT_AT_ONCE }, (_, offset) => ({
      id: randomUUID(),
      eventId: randomUUID(),
      fields: sampleSale(at + offset),
    }));
    await branch.ask('POST', '/api/sales/import', { rows });
  }
}
