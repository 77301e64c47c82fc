import { setTimeout as after } from 'node:timers/promises';
import { DATABASES, type Database } from './database.ts';
import type { Benchmark, BenchSetting, Repetition, Sample } from './figure.ts';
import { multiplyRow } from './multiply-row.ts';
import type { OfficeProcess } from './office-process.ts';
import { sampleSale } from './sample-sales.ts';

const HEAD = 'head';
const SELLERS = 4;
/** Sold so long before the change, as something to compare with, and so long after it. */
const BESIDE_MS = 3_000;
const BESIDE_QUICK_MS = 1_000;

/** A sale that is asked for while the table changes waits until it is changed. */
export const schemaBenchmarks: readonly Benchmark[] = DATABASES.map((kind) => ({
  measures: [
    {
      name: `schema.add-field.${kind}`,
      what: `a field with a default is added to a table of 1,000,000 sales on ${kind} (\`datasets apply\`), while ${SELLERS} tills sell over REST: the longest that one of them waits`,
      unit: 'ms',
      goal: { atMost: 200 },
    },
  ],
  prepare: (setting) => prepare(setting, kind),
}));

async function prepare(
  { servers, offices, events, quick }: BenchSetting,
  kind: Database,
): Promise<Repetition> {
  const database = await servers.database(kind);
  const head = await offices.start({ id: HEAD, database });
  const { id } = await head.ask<{ id: string }>('POST', '/api/sales', sampleSale(0));
  await multiplyRow(kind, database, { table: 'sales', entity: id }, events);
  const besideMs = quick ? BESIDE_QUICK_MS : BESIDE_MS;
  let fields = 0;
  return async () => [await addField(head, `extra${++fields}`, besideMs)];
}

async function addField(head: OfficeProcess, field: string, besideMs: number): Promise<Sample> {
  const tills = Array.from({ length: SELLERS }, () => new Till(head));
  const change = { kind: 'add-field', field, type: { kind: 'text', maxLength: 20 }, default: 'none' };
  await after(besideMs);
  const longestBeforeMs = Math.max(...tills.map((till) => till.longest()));
  const startedMs = performance.now();
  await head.ask('POST', '/api/datasets/apply', { dataset: 'sales', changes: [change] });
  const changeMs = performance.now() - startedMs;
  await after(besideMs);
  await Promise.all(tills.map((till) => till.close()));
  const value = Math.max(...tills.map((till) => till.longest()));
  return { value, limit: null, details: { changeMs, longestBeforeMs } };
}

/** Sells one sale after the other until it is closed. */
class Till {
  readonly #head: OfficeProcess;
  readonly #selling: Promise<void>;
  #longestMs = 0;
  #isClosed = false;

  constructor(head: OfficeProcess) {
    this.#head = head;
    this.#selling = this.#sell();
    this.#selling.catch(() => {}); // seen when it is closed
  }

  /** In ms, since this was asked last. */
  longest(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  /** @throws what a sale was refused with */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#selling;
  }

  async #sell(): Promise<void> {
    for (let index = 0; !this.#isClosed; index++) {
      const startedMs = performance.now();
      await this.#head.ask('POST', '/api/sales', sampleSale(index));
      this.#longestMs = Math.max(this.#longestMs, performance.now() - startedMs);
    }
  }
}
