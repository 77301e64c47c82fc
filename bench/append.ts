import { v7 as newId } from 'uuid';
import { readConfig } from '../mixins/config.ts';
import type { Ledger } from '../mixins/ledger/ledger.ts';
import type { Journal } from '../mixins/office.ts';
import { createOffice } from '../mixins/running-office.ts';
import { type Benchmark, type BenchSetting, type Database, DATABASES, type Prepared } from './figure.ts';
import { sampleSale } from './sample-sales.ts';
import { openSingleCommits } from './single-commits.ts';

const IN_FLIGHT = 64;
const SILENT: Journal = { info: () => {}, warn: () => {}, error: console.error };

/** Single sales through the ledger: log, table, digest and checkpoint, against one row in one commit. */
export const appendBenchmarks: readonly Benchmark[] = DATABASES.map((kind) => ({
  name: `append.${kind}`,
  what: `single sales into the log on ${kind}, ${IN_FLIGHT} in flight; the limit is one row a commit`,
  unit: 'sales/s',
  goal: { atLeast: 2 },
  prepare: (setting) => prepare(setting, kind),
}));

async function prepare({ servers, quick }: BenchSetting, kind: Database): Promise<Prepared> {
  const durationMs = quick ? 1_000 : 4_000;
  const single = await openSingleCommits(kind, await servers.database(kind));
  const DATABASE_URL = await servers.database(kind);
  const office = createOffice(readConfig({ OFFICE_ID: 'bench', DATABASE_URL }), {
    journal: SILENT,
    link: null,
  });
  await office.start();
  await appendFor(office.ledger(), durationMs / 2); // the first plans and the compiler
  return {
    once: async () => ({
      limit: await single.rate(durationMs / 2),
      value: await appendFor(office.ledger(), durationMs),
    }),
    end: async () => {
      await single.close();
      await office.stop();
    },
  };
}

/** Sales a second. */
async function appendFor(ledger: Ledger, durationMs: number): Promise<number> {
  const started = performance.now();
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - started < durationMs) {
      await recordOne(ledger, count);
      count++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, client));
  return (count * 1_000) / (performance.now() - started);
}

async function recordOne(ledger: Ledger, index: number): Promise<void> {
  const key = { dataset: 'sales', scope: ledger.office, entityId: newId() };
  await ledger.submit({
    command: { type: 'record', ...key, fields: { ...sampleSale(index) } },
    actor: 'bench',
  });
}
