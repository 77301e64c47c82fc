import type { ServiceBroker } from 'moleculer';
import { DATABASES, type Database } from './database.ts';
import type { Benchmark, BenchSetting, Repetition } from './figure.ts';
import { projectionsSettled } from './projections-settled.ts';
import { sampleSale } from './sample-sales.ts';
import { serveBranch } from './served-branch.ts';
import { openSingleCommits } from './single-commits.ts';

const IN_FLIGHT = 64;

/** Log, table, digest and checkpoint of each sale, against one row in one commit. */
export const appendBenchmarks: readonly Benchmark[] = DATABASES.map((kind) => ({
  measures: [
    {
      name: `append.${kind}`,
      what: `single sales through the action sales.record on ${kind}, ${IN_FLIGHT} in flight, fully durable; the limit is one row a commit`,
      unit: 'sales/s',
      goal: { atLeast: 2 },
    },
  ],
  prepare: (setting) => prepare(setting, kind),
}));

async function prepare({ servers, quick, onEnd }: BenchSetting, kind: Database): Promise<Repetition> {
  const durationMs = quick ? 600 : 2_500;
  const single = await openSingleCommits(kind, await servers.database(kind));
  onEnd(() => single.close());
  const { broker, office, stop } = await serveBranch(await servers.database(kind));
  onEnd(stop);
  await appendFor(broker, durationMs / 2); // the first plans and the compiler
  return async () => {
    await projectionsSettled(() => office.projections().list());
    const limit = await single.rate(durationMs / 2);
    return [{ limit, value: await appendFor(broker, durationMs) }];
  };
}

/** Sales a second. */
async function appendFor(broker: ServiceBroker, durationMs: number): Promise<number> {
  const started = performance.now();
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - started < durationMs) {
      await broker.call('sales.record', { ...sampleSale(count) });
      count++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, client));
  return (count * 1_000) / (performance.now() - started);
}
