import type { Dataset, DatasetRow, Field } from '../../domain/datasets/dataset.ts';
import type { JsonObject } from '../../domain/event.ts';
import type { EntityWrite, NotYet, Store } from '../../mixins/store/store.ts';
import { eventually } from '../harness/wait.ts';
import { recorded } from './store-fixtures.ts';

/** A dataset before it grows. */
export const original: Dataset = {
  name: 'visits',
  noun: 'Visit',
  scope: 'office',
  version: 1,
  fields: {
    guest: { kind: 'text', maxLength: 20, required: true, label: 'Guest' },
    paid: { kind: 'decimal', precision: 8, scale: 2, required: false, label: 'Paid' },
  },
  computed: {},
  policies: { version: 1, rows: 'merge-fields', default: 'latest', fields: {}, void: 'amend-wins' },
};

const added = { required: false, label: 'Added' } as const;

/** One field of every kind, each with a default. */
export const DEFAULTS: Readonly<Record<string, Field>> = {
  channel: { ...added, kind: 'enum', values: ['shop', 'web'], default: 'shop' },
  remark: { ...added, kind: 'text', maxLength: 200, default: `it's "none" \\ ? $1 😀` },
  story: { ...added, kind: 'text', maxLength: 100_000, default: 'once' },
  guests: { ...added, kind: 'integer', min: -5, max: 9007199254740991, default: -5 },
  tip: { ...added, kind: 'decimal', precision: 18, scale: 4, default: '-12345678901234.0005' },
  member: { ...added, kind: 'boolean', default: true },
  cameOn: { ...added, kind: 'date', default: '2026-04-01' },
  leftAt: { ...added, kind: 'timestamp', default: '2026-04-01T09:30:00.120Z' },
  host: { ...added, kind: 'reference', dataset: 'visits', default: 'anna' },
  empty: { ...added, kind: 'text', maxLength: 10 },
};

/** The same with more fields, and with room for more. */
export const grown: Dataset = {
  ...original,
  version: 2,
  fields: {
    guest: { kind: 'text', maxLength: 2_000, required: false, label: 'Guest' },
    paid: { kind: 'decimal', precision: 16, scale: 2, required: false, label: 'Paid' },
    ...DEFAULTS,
  },
};

/** What an append writes of a visit whose row has these values. */
export function visit(entityId: string, values: JsonObject): EntityWrite {
  const one = recorded(entityId, {});
  const row: DatasetRow = { ...one.row!, values };
  return { ...one, state: { ...one.state, dataset: 'visits' }, row };
}

/** As an office goes over to other shapes: those that are not ready stay as they were. */
export async function bringTo(store: Store, ...datasets: Dataset[]): Promise<readonly NotYet[]> {
  const notYet = await store.prepareTables(datasets);
  const waits = new Set(notYet.map(({ dataset }) => dataset));
  const ready = datasets.filter(({ name }) => !waits.has(name));
  await store.transaction(async (tx) => {
    await tx.lockLog();
    store.useTables(waits.has('visits') ? [original, ...ready] : ready);
  });
  return notYet;
}

/** Asked again until all are ready. */
export async function broughtTo(store: Store, ...datasets: Dataset[]): Promise<void> {
  await eventually(async () => {
    const [waits] = await bringTo(store, ...datasets);
    if (waits !== undefined) throw new Error(waits.reason);
  }, 60_000);
}
