import { drainRate, startCompany } from './drain.ts';
import type { Benchmark, BenchSetting, Repetition } from './figure.ts';
import { importSales } from './import.ts';
import { connected } from './office-processes.ts';

const SALES = 10_000;

/** An evening's work: what was sold while the line was cut reaches the head. Three processes and a broker, 2 cores. */
export const catchupBenchmarks: readonly Benchmark[] = [
  {
    measures: [
      {
        name: 'catchup.postgresql',
        what: `${SALES} imported sales, branch on SQLite -> RabbitMQ -> head on PostgreSQL, from resume until acknowledged`,
        unit: 's',
        goal: { atMost: 3 },
      },
    ],
    prepare,
  },
];

async function prepare(setting: BenchSetting): Promise<Repetition> {
  const { head, branch } = await startCompany(setting, await setting.servers.database('sqlite'));
  await connected(branch);
  let imported = 0;
  return async () => {
    await branch.ask('POST', '/api/sync/pause');
    await importSales(branch, { sales: SALES, from: imported });
    imported += SALES;
    return [{ value: SALES / (await drainRate(head, branch, SALES)), limit: null }];
  };
}
