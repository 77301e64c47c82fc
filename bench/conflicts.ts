import { BUILT_IN } from '../domain/datasets/registry.ts';
import { entityKeyOf } from '../domain/event.ts';
import { BATCH_MAX_EVENTS } from '../domain/sync/batch.ts';
import type { Batch } from '../domain/sync/messages.ts';
import { DigestChange } from '../domain/projections/digest.ts';
import { createLedger, type OfficeLedger } from '../mixins/ledger/create-ledger.ts';
import type { CommandSubmission } from '../mixins/ledger/ledger.ts';
import { rebuildEntities } from '../mixins/ledger/rebuild-tx.ts';
import { machinePorts } from '../mixins/machine-ports.ts';
import { createStore, type DatabaseStore } from '../mixins/store/create-store.ts';
import { Resolver } from '../services/conflicts/resolver.ts';
import { type Benchmark, type BenchSetting, median, type Repetition } from './figure.ts';
import { sampleSale } from './sample-sales.ts';

const HEAD = 'head';
const BRANCH = 'west';
const BURST = 10_000;
const BURST_QUICK = 2_000;
const AT_ONCE = 1_000;
const EVENTS = 100;
const REFOLDS = 200;
const SILENT = { info: () => {}, warn: () => {}, error: (text: string) => console.error(text) };

export const conflictBenchmarks: readonly Benchmark[] = [
  {
    measures: [
      {
        name: 'conflict.refold',
        what: `a sale with ${EVENTS} events, which two offices changed without each other, folded anew from the log of a head on PostgreSQL: read, folded, its case and row written`,
        unit: 'ms',
        goal: { atMost: 5 },
      },
    ],
    prepare: prepareRefold,
  },
  {
    measures: [
      {
        name: 'conflict.burst',
        what: `${BURST} changes that conflict with the head's own arrive at a head on PostgreSQL: from the first batch until all are ruled on`,
        unit: 'conflicts/s',
        goal: { atLeast: 1_000 },
      },
    ],
    prepare: prepareBurst,
  },
];

interface Place {
  readonly store: DatabaseStore;
  readonly ledger: OfficeLedger;
}

async function prepareRefold(setting: BenchSetting): Promise<Repetition> {
  const { head, west } = await openPair(setting);
  await sell(west, 0, 1);
  await send(await batchesFor(west, head), head);
  for (let index = 1; index < EVENTS; index++) {
    const { ledger } = index % 2 === 0 ? west : head;
    await ledger.submit(change('s0', `region ${index}`));
  }
  await send(await batchesFor(west, head), head);
  return async () => {
    const times: number[] = [];
    for (let count = 0; count < REFOLDS; count++) times.push(await refold(head));
    return [{ value: median(times), limit: null }];
  };
}

/** In ms, the commit left out: a refold is part of a larger transaction. */
function refold({ store }: Place): Promise<number> {
  return store.transaction(async (tx) => {
    const log = await tx.lockLog();
    const startedMs = performance.now();
    const key = entityKeyOf({ dataset: 'sales', scope: BRANCH, entityId: 's0' });
    const digests = new DigestChange(machinePorts, HEAD);
    await rebuildEntities(tx, { ports: machinePorts, datasetNamed: BUILT_IN.named }, log, [key], digests);
    return performance.now() - startedMs;
  });
}

async function prepareBurst(setting: BenchSetting): Promise<Repetition> {
  const { head, west } = await openPair(setting);
  const count = setting.quick ? BURST_QUICK : BURST;
  let from = 0;
  return async () => {
    await sell(west, from, count);
    await send(await batchesFor(west, head), head);
    await changeAll(head, from, count, 'by the head');
    await changeAll(west, from, count, 'by the branch');
    const batches = await batchesFor(west, head);
    from += count;
    return [{ value: (count * 1_000) / (await ruledWithin(head, batches)), limit: null }];
  };
}

/** As the head's service does it: whatever a commit opens is looked at, while the next batch comes. In ms. */
async function ruledWithin(head: Place, batches: readonly Batch[]): Promise<number> {
  const { ledger } = head;
  const office = { ledger: () => ledger, ports: machinePorts, datasets: BUILT_IN, config: { office: HEAD } };
  const resolver = new Resolver(office, SILENT);
  const looks: Promise<void>[] = [];
  let isOver = false;
  ledger.onCommitted(({ cases }) => {
    if (cases.length > 0 && !isOver) looks.push(resolver.look(cases));
  });
  const startedMs = performance.now();
  await send(batches, head);
  while (looks.length > 0) await looks.shift();
  const tookMs = performance.now() - startedMs;
  isOver = true;
  resolver.stop();
  const left = await ledger.read.countCases({ status: 'open' });
  if (left > 0) throw new Error(`${left} conflicts are still open`);
  return tookMs;
}

async function openPair({ servers, onEnd }: BenchSetting): Promise<{ head: Place; west: Place }> {
  const head = await open(await servers.database('postgresql'), HEAD, 'head');
  const west = await open(await servers.database('sqlite'), BRANCH, 'branch');
  onEnd(() => Promise.all([head.ledger.close(), west.ledger.close()]));
  await head.ledger.addOffice({ office: BRANCH, name: BRANCH, subscribe: 'own' });
  await west.ledger.branch.locate(HEAD, 1, 0);
  return { head, west };
}

async function open(url: string, office: string, role: 'head' | 'branch'): Promise<Place> {
  const store = createStore({ url, office, role, datasets: BUILT_IN.all });
  await store.open();
  return { store, ledger: createLedger({ store, office, role, ports: machinePorts, program: '0' }) };
}

async function sell({ ledger }: Place, from: number, count: number): Promise<void> {
  await submitAll(ledger, from, count, (index) => {
    const key = { dataset: 'sales', scope: BRANCH, entityId: `s${index}` };
    return { command: { type: 'record', ...key, fields: { ...sampleSale(index) } }, actor: 'bench' };
  });
}

async function changeAll({ ledger }: Place, from: number, count: number, region: string): Promise<void> {
  await submitAll(ledger, from, count, (index) => change(`s${index}`, region));
}

function change(entityId: string, region: string): CommandSubmission {
  const key = { dataset: 'sales', scope: BRANCH, entityId };
  return { command: { type: 'amend', ...key, fields: { region } }, actor: 'bench' };
}

async function submitAll(
  ledger: OfficeLedger,
  from: number,
  count: number,
  submissionOf: (index: number) => CommandSubmission,
): Promise<void> {
  for (let at = from; at < from + count; at += AT_ONCE) {
    const length = Math.min(AT_ONCE, from + count - at);
    const outcomes = await ledger.submitAll(Array.from({ length }, (_, index) => submissionOf(at + index)));
    const refused = outcomes.find((outcome) => !outcome.ok);
    if (refused !== undefined && !refused.ok) throw refused.error;
  }
}

/** What the branch has and the head has not. */
async function batchesFor(west: Place, head: Place): Promise<Batch[]> {
  const { cursor } = await head.ledger.head.cursorOf(BRANCH);
  const batches: Batch[] = [];
  for (let after = cursor.seq; ;) {
    const { before, after: end, events } = await west.ledger.branch.readOwn(BRANCH, after);
    if (events.length === 0) return batches;
    const place = { office: BRANCH, instance: 'bench', nonce: 'bench', firstSeq: after + 1 };
    batches.push({ kind: 'batch', ...place, before: before.hash, after: end.hash, events });
    after = end.seq;
  }
}

async function send(batches: readonly Batch[], { ledger }: Place): Promise<void> {
  for (const batch of batches) {
    const { verdict } = await ledger.head.applyBatch(batch);
    if (verdict !== 'ok')
      throw new Error(`A batch of at most ${BATCH_MAX_EVENTS} events is not taken: ${verdict}`);
  }
}
