import { DATABASES } from './database.ts';
import { type Benchmark, NotMeasured, type Repetition } from './figure.ts';

const WHY = 'This program has no projections that could be rebuilt';

/** The shape of the log: see sample-log.ts. */
const LOG = '1,000,000 events (70% recorded, 25% amended, 5% voided)';
const GOALS = { postgresql: 0.5, mariadb: 60_000, sqlite: 60_000 } as const;

export const rebuildBenchmarks: readonly Benchmark[] = [
  ...DATABASES.map((kind) => ({
    measures: [
      {
        name: `rebuild.${kind}`,
        what: `${LOG} folded into a new table, swap included, on ${kind}${kind === 'postgresql' ? '; the limit is one SQL statement that folds them' : ''}`,
        unit: 'events/s',
        goal: { atLeast: GOALS[kind] },
      },
    ],
    prepare: notYet,
  })),
  {
    measures: [
      {
        name: 'verify.postgresql',
        what: `chain and table of ${LOG} held against a fresh fold on PostgreSQL`,
        unit: 'events/s',
        goal: { atLeast: 200_000 },
      },
    ],
    prepare: notYet,
  },
];

async function notYet(): Promise<Repetition> {
  throw new NotMeasured(WHY);
}
