import { setTimeout as after } from 'node:timers/promises';
import type { VerifiedRun } from '../mixins/ledger/verify-chain.ts';
import type { ProjectionView } from '../mixins/projections/projections.ts';
import { type Database, DATABASES } from './database.ts';
import { type Benchmark, type BenchSetting, type Measure, type Repetition, type Sample } from './figure.ts';
import type { OfficeProcess } from './office-process.ts';
import { projectionsOf, projectionsSettled } from './projections-settled.ts';
import { BRANCH } from './sample-log.ts';
import { openSqlFold, type SqlFold } from './sql-fold.ts';

const LOOK_MS = 20;
const DEADLINE_MS = 600_000;
/** The shape of the log: see sample-log.ts. */
const LOG = '1,000,000 events (70% recorded, 25% amended, 5% voided)';
const GOALS = { postgresql: 0.5, mariadb: 60_000, sqlite: 60_000 } as const;
const VERIFIED = { unit: 'events/s', goal: { atLeast: 200_000 } } as const;

type JobKind = 'rebuild' | 'verify';

/** Asked of an office that runs, over REST, from the request until it says that it is done. */
export const rebuildBenchmarks: readonly Benchmark[] = [
  ...DATABASES.map((kind) => ({
    measures: [rebuildOf(kind)],
    prepare: (setting: BenchSetting) => prepare(setting, kind, 'rebuild'),
  })),
  {
    measures: [
      {
        name: 'verify.table.postgresql',
        what: `the table of sales held against a fresh fold of ${LOG} on PostgreSQL`,
        ...VERIFIED,
      },
      { name: 'verify.postgresql', what: 'the same, and the log against its hash chain', ...VERIFIED },
    ],
    prepare: (setting) => prepare(setting, 'postgresql', 'verify'),
  },
];

function rebuildOf(kind: Database): Measure {
  const limit =
    kind === 'postgresql' ? '; the limit is one SQL statement that folds them into such a table' : '';
  return {
    name: `rebuild.${kind}`,
    what: `${LOG} folded into a new table of sales on ${kind}, swap included${limit}`,
    unit: 'events/s',
    goal: { atLeast: GOALS[kind] },
  };
}

async function prepare(setting: BenchSetting, kind: Database, job: JobKind): Promise<Repetition> {
  const { fixtures, offices, events: total, onEnd } = setting;
  const database = await fixtures.shared(kind, { events: total, total });
  const fold = kind === 'postgresql' && job === 'rebuild' ? await openSqlFold(database) : null;
  onEnd(() => fold?.close());
  const office = await offices.start({ id: BRANCH, database });
  await projectionsSettled(projectionsOf(office));
  const sales = 0.7 * total;
  return async () => {
    const limit = fold === null ? null : await foldRate(fold, sales);
    const jobMs = await timeOfJob(office, job, total);
    const rate = (ms: number): Sample => ({ limit, value: (total * 1_000) / ms });
    return job === 'rebuild'
      ? [rate(jobMs)]
      : [rate(jobMs), rate(jobMs + (await timeOfChain(office, total)))];
  };
}

async function foldRate(fold: SqlFold, expected: number): Promise<number> {
  const { rate, sales } = await fold.run();
  if (sales !== expected) throw new Error(`SQL folds ${sales} sales instead of ${expected}`);
  return rate;
}

/** In milliseconds. */
async function timeOfChain(office: OfficeProcess, events: number): Promise<number> {
  const startedMs = performance.now();
  let seen = 0;
  for (let next: number | null = 0; next !== null;) {
    const run: VerifiedRun = await office.ask('GET', `/api/events/verify?after=${next}`);
    if (run.broken !== null) throw new Error(`The log is broken at ${run.broken}`);
    seen += run.events;
    next = run.next;
  }
  if (seen !== events) throw new Error(`The log has ${seen} events instead of ${events}`);
  return performance.now() - startedMs;
}

/** In milliseconds. */
async function timeOfJob(office: OfficeProcess, kind: JobKind, events: number): Promise<number> {
  const startedMs = performance.now();
  await office.ask('POST', `/api/projections/sales/${kind}`);
  for (;;) {
    const { job } = await office.ask<ProjectionView>('GET', '/api/projections/sales');
    const isOver = job?.kind === kind && job.endedAt !== null;
    if (isOver && job.phase === 'done' && job.difference === null && job.events === events)
      return performance.now() - startedMs;
    if (isOver || performance.now() > startedMs + DEADLINE_MS)
      throw new Error(`The ${kind} came to this: ${JSON.stringify(job)}`);
    await after(LOOK_MS);
  }
}
