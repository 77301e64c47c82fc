import type { Benchmark, BenchSetting, Repetition } from './figure.ts';
import { BRANCH } from './sample-log.ts';

export const startBenchmarks: readonly Benchmark[] = [
  {
    measures: [
      {
        name: 'start',
        what: 'a branch on SQLite with 1,000,000 events, from the start of its process until it is ready',
        unit: 's',
        goal: { atMost: 2 },
      },
    ],
    prepare,
  },
];

async function prepare({ fixtures, offices, events: total }: BenchSetting): Promise<Repetition> {
  const database = await fixtures.copy('sqlite', { events: total, total });
  return async () => {
    const startedMs = performance.now();
    await offices.start({ id: BRANCH, database });
    const value = (performance.now() - startedMs) / 1_000;
    await offices.stopAll();
    return [{ value, limit: null }];
  };
}
