import { setTimeout as after } from 'node:timers/promises';
import { startCompany } from './drain.ts';
import { type Benchmark, type BenchSetting, NotMeasured, type Repetition, type Sample } from './figure.ts';
import type { OfficeProcess } from './office-process.ts';
import { connected } from './office-processes.ts';
import { projectionsOf, projectionsSettled } from './projections-settled.ts';
import { processorSeconds, residentMb } from './process-usage.ts';

/** Past its start, and what the compiler does after it. */
const SETTLE_MS = 3_000;

export const idleBenchmarks: readonly Benchmark[] = [
  {
    measures: [
      {
        name: 'idle',
        what: 'processor time of a branch on SQLite that is connected and has nothing to do',
        unit: '% of a core',
        goal: { atMost: 1 },
      },
      { name: 'idle.memory', what: 'memory resident of the same branch', unit: 'MB', goal: { atMost: 120 } },
    ],
    prepare,
  },
];

async function prepare(setting: BenchSetting): Promise<Repetition> {
  const { branch } = await startCompany(setting, await setting.servers.database('sqlite'));
  await connected(branch);
  await projectionsSettled(projectionsOf(branch));
  await after(setting.quick ? SETTLE_MS / 3 : SETTLE_MS);
  return () => idleFor(branch, setting.quick ? 1_000 : 5_000);
}

async function idleFor({ pid }: OfficeProcess, durationMs: number): Promise<Sample[]> {
  const [before, startedMs] = [processorSeconds(pid), performance.now()];
  if (before === null) throw new NotMeasured('This system does not count processor time in /proc');
  await after(durationMs);
  const used = processorSeconds(pid)! - before;
  const percent = (100_000 * used) / (performance.now() - startedMs);
  return [
    { value: percent, limit: null },
    { value: await residentMb(pid), limit: null },
  ];
}
