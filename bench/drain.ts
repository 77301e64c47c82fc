import { openBulkInsert } from './bulk-insert.ts';
import type { Database } from './database.ts';
import type { Benchmark, BenchSetting, Repetition } from './figure.ts';
import type { OfficeProcess } from './office-process.ts';
import { countSales, drained } from './office-processes.ts';
import { BRANCH, firstPartOf } from './sample-log.ts';

const GOALS = { postgresql: 0.3, mariadb: 0.2 } as const;

/** A day without a line. The head, the branch and the broker share the machine, as does the limit. */
export const drainBenchmarks: readonly Benchmark[] = (['postgresql', 'mariadb'] as const).map((kind) => ({
  measures: [
    {
      name: `drain.${kind}`,
      what: `200,000 waiting sales, branch on ${kind} -> RabbitMQ quorum queue -> head on PostgreSQL, from resume until acknowledged, so folded at the head; the limit is the insert ... select unnest of as many sales rows`,
      unit: 'events/s',
      goal: { atLeast: GOALS[kind] },
    },
  ],
  prepare: (setting) => prepare(setting, kind),
}));

async function prepare(setting: BenchSetting, kind: Database): Promise<Repetition> {
  const { servers, fixtures, offices, events: total, onEnd } = setting;
  const extent = { events: firstPartOf(total), total };
  await fixtures.shared(kind, extent);
  const bulk = await openBulkInsert('postgresql', await servers.database('postgresql'));
  onEnd(() => bulk.close());
  await bulk.rate(extent.events / 4);
  return async () => {
    const limit = await bulk.rate(extent.events);
    const { head, branch } = await startCompany(setting, await fixtures.copy(kind, extent));
    const value = await drainRate(head, branch, extent.events);
    await offices.stopAll();
    return [{ limit, value }];
  };
}

export interface Pair {
  readonly head: OfficeProcess;
  readonly branch: OfficeProcess;
  readonly headDatabase: string;
}

/** A new head on PostgreSQL, and the branch that this database is of. */
export async function startCompany({ servers, offices }: BenchSetting, database: string): Promise<Pair> {
  const link = await servers.broker();
  const headDatabase = await servers.database('postgresql');
  const head = await offices.start({ id: 'head', database: headDatabase, link });
  await head.ask('POST', '/api/offices', { id: BRANCH });
  return { head, headDatabase, branch: await offices.start({ id: BRANCH, database, link }) };
}

/** Events a second, from the moment at which the line is there. */
export async function drainRate(head: OfficeProcess, branch: OfficeProcess, sales: number): Promise<number> {
  const before = await countSales(head);
  const started = performance.now();
  await drainWaiting(branch);
  const rate = (sales * 1_000) / (performance.now() - started);
  const counted = (await countSales(head)) - before;
  if (counted !== sales) throw new Error(`The head counts ${counted} more sales instead of ${sales}`);
  return rate;
}

export async function drainWaiting(branch: OfficeProcess): Promise<void> {
  await branch.ask('POST', '/api/sync/resume');
  await drained(branch);
}
