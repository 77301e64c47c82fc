import { randomUUID } from 'node:crypto';
import { Big } from 'big.js';
import fc from 'fast-check';
import { encodeEvent } from '../../domain/canonical.ts';
import { ZERO_HASH } from '../../domain/chain.ts';
import { DATASETS } from '../../domain/datasets/registry.ts';
import { sales } from '../../domain/datasets/sales.ts';
import type { DatasetRow } from '../../domain/datasets/dataset.ts';
import { standingContenders } from '../../domain/conflict/cases.ts';
import { ruleByHand } from '../../domain/conflict/resolve-by-hand.ts';
import { STATUS_FIELD } from '../../domain/office/entity-state.ts';
import { type DomainEvent, dotName, dotOf, entityName } from '../../domain/event.ts';
import { presentRow, statusOf } from '../../domain/office/present.ts';
import { PROJECTIONS } from '../../domain/projections/registry.ts';
import type { Worker } from '../../mixins/projections/claim.ts';
import { followOnce } from '../../mixins/projections/follow.ts';
import { JobRunner } from '../../mixins/projections/job-runner.ts';
import { Projections } from '../../mixins/projections/projections.ts';
import { newRow } from '../../mixins/projections/projector.ts';
import { allDeclared } from '../../mixins/projections/declared.ts';
import { createStore, type DatabaseStore } from '../../mixins/store/create-store.ts';
import type { EventStatus } from '../../mixins/store/store.ts';
import { type TestPlace, testDatabase } from '../harness/servers.ts';
import {
  allEvents,
  foldAll,
  inCausalOrder,
  play,
  SALE,
  type Step,
  steps,
  type Teller,
} from '../unit/story.ts';
import { openRaw } from './store-raw.ts';

type Act =
  | { readonly do: 'accept'; readonly pick: number; readonly status: EventStatus }
  | { readonly do: 'judge'; readonly pick: number; readonly status: EventStatus }
  | { readonly do: 'displace'; readonly pick: number }
  | { readonly do: 'follow'; readonly limit: number };

const status = fc.constantFrom<EventStatus>('applied', 'applied', 'applied', 'parked', 'quarantined');
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('accept' as const), pick: fc.nat(), status }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('judge' as const),
        pick: fc.nat(),
        status: fc.constantFrom<EventStatus>('applied', 'parked', 'discarded'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('displace' as const), pick: fc.nat() }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('follow' as const), limit: fc.integer({ min: 1, max: 6 }) }),
    },
  ),
  { minLength: 10, maxLength: 60 },
);

/** The head rules on what is in dispute in the end, and somebody changes it once more. */
function overruled(tellers: readonly Teller[]): readonly Teller[] {
  const [owner, head] = [tellers[0]!, tellers[1]!];
  for (const teller of tellers) head.hearsAllFrom(teller);
  const open = head.openCase;
  if (open === null) return tellers;
  const [side] = standingContenders(open);
  const value = (field: string) =>
    side!.values[field] ?? (field === STATUS_FIELD ? 'live' : SALE[field as 'cost']);
  const values = Object.fromEntries(open.fields.map((field) => [field, value(field)]));
  const { writes, policies } = ruleByHand(open, sales, { values });
  const contenders = standingContenders(open).map(dotOf);
  head.does(
    { type: 'resolve', caseId: open.id, contenders, writes, policies, policyVersion: 1, decision: 'manual' },
    6,
  );
  owner.hearsAllFrom(head);
  if (statusOf(owner.state!) === 'live') owner.does({ type: 'amend', fields: { cost: '3' } }, 7);
  return tellers;
}

/** The story of each sale is told by offices of its own, so that their logs do not mix. */
function eventsOf(stories: readonly (readonly Step[])[]): DomainEvent[] {
  return stories.flatMap((story, sale) =>
    allEvents(overruled(play(story))).map((event) => ({
      ...event,
      office: `${event.office}-${sale}`,
      scope: sale % 2 === 0 ? 'east' : 'west',
      entityId: `sale-${sale}`,
      clock: Object.fromEntries(
        Object.entries(event.clock).map(([life, seq]) => [life.replace('@', `-${sale}@`), seq]),
      ),
    })),
  );
}

interface Held {
  readonly event: DomainEvent;
  readonly position: number;
  status: EventStatus;
}

/** A log as the store is told of it, and what of it counts, noted beside it. */
class History {
  readonly held: Held[] = [];
  /** What counted when the log had come there. */
  readonly counted = new Map<number, DomainEvent[]>();
  readonly #store: DatabaseStore;
  readonly #pending: DomainEvent[];
  #position = 0;

  constructor(store: DatabaseStore, events: readonly DomainEvent[]) {
    this.#store = store;
    this.#pending = [...events];
    this.#note();
  }

  get position(): number {
    return this.#position;
  }

  async accept(pick: number, status: EventStatus): Promise<void> {
    if (this.#pending.length === 0) return;
    const [event] = this.#pending.splice(pick % Math.min(3, this.#pending.length), 1);
    this.#position += 1;
    const position = this.#position;
    await this.#store.transaction(async (tx) => {
      const log = await tx.lockLog();
      await tx.insertEvents([
        { event: event!, bytes: encodeEvent(event!), hash: ZERO_HASH, position, status },
      ]);
      await tx.saveLog({ ...log, position });
    });
    this.held.push({ event: event!, position, status });
    this.#note();
  }

  async judge(pick: number, status: EventStatus): Promise<void> {
    const one = this.held[pick % Math.max(1, this.held.length)];
    if (one === undefined) return;
    await this.#store.transaction(async (tx) => {
      await tx.lockLog();
      await tx.setEventStatus([one.position], status);
    });
    one.status = status;
    this.#note();
  }

  async displace(pick: number): Promise<void> {
    const one = this.held[pick % Math.max(1, this.held.length)];
    if (one === undefined) return;
    const { office, seq } = one.event;
    await this.#store.transaction(async (tx) => {
      await tx.lockLog();
      await tx.displaceAfter(office, seq);
    });
    const stays = this.held.filter(({ event }) => event.office !== office || event.seq <= seq);
    this.held.splice(0, this.held.length, ...stays);
    this.#note();
  }

  #note(): void {
    const applied = this.held.filter((one) => one.status === 'applied');
    this.counted.set(
      this.#position,
      applied.map(({ event }) => event),
    );
  }
}

function rowsOf(events: readonly DomainEvent[]): DatasetRow[] {
  const byEntity = Map.groupBy(events, entityName);
  return [...byEntity.values()].map((own) => presentRow(sales, foldAll(inCausalOrder(own))!));
}

/** Each projection, written out once more, without the code under test. */
function naive(events: readonly DomainEvent[]): Record<string, object[]> {
  const rows = rowsOf(events);
  const live = rows.filter((row) => row.deletedAt === null && row.values['soldOn'] !== null);
  const measured = (some: readonly DatasetRow[]) => {
    const sum = (field: string) =>
      some.reduce((total, row) => total.plus(Big(String(row.values[field]))), Big(0));
    const money = {
      amount: sum('amount').toFixed(),
      tax: sum('tax').toFixed(),
      total: sum('total').toFixed(),
    };
    return { count: some.length, qty: sum('qty').toNumber(), ...money };
  };
  const grouped = (
    some: readonly DatasetRow[],
    key: (row: DatasetRow) => object,
    sums: (rows: readonly DatasetRow[]) => object,
  ) =>
    [...Map.groupBy(some, (row) => JSON.stringify(key(row)))]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, own]) => ({ ...(JSON.parse(name) as object), ...sums(own) }));
  const activity = (some: readonly DatasetRow[]) => ({
    recorded: some.length,
    amended: some.filter(({ createdAt, updatedAt }) => updatedAt > createdAt).length,
    voided: some.filter(({ deletedAt }) => deletedAt !== null).length,
    conflicted: some.filter(({ conflicted }) => conflicted).length,
  });
  return {
    sales_by_day: grouped(live, (row) => ({ office: row.scope, soldOn: row.values['soldOn'] }), measured),
    sales_by_product: grouped(live, (row) => ({ product: row.values['product'] }), measured),
    sales_by_office: grouped(live, (row) => ({ office: row.scope }), measured),
    office_activity: grouped(
      rows,
      (row) => ({ office: row.scope, recordedOn: row.createdAt.slice(0, 10) }),
      activity,
    ),
  };
}

const TABLES = [
  'event',
  'displaced_event',
  'late',
  'projection',
  'projection_failure',
  ...PROJECTIONS.map(({ name }) => name),
];

describe('any history', () => {
  const worker: Worker = { instance: randomUUID(), isAlone: true, nowMs: () => Date.now() };
  let place: TestPlace;
  let store: DatabaseStore;

  beforeAll(async () => {
    place = await testDatabase('sqlite');
    store = createStore({ url: place.url, office: 'head', role: 'head', datasets: DATASETS });
    await store.open();
    for (const of of allDeclared())
      if (of.kind === 'projection') await store.projections.makeTable(of.target(of.base));
  });

  afterAll(async () => {
    await store.close();
    await place.drop();
  });

  async function begin(): Promise<void> {
    const raw = await openRaw('sqlite', place.url);
    for (const table of TABLES) await raw.run(`delete from ${table}`);
    await raw.run('update log set position = 0');
    for (const { name } of PROJECTIONS) await raw.run(`drop table if exists then_${name}`);
    await raw.close();
    const rows = allDeclared()
      .filter(({ kind }) => kind === 'projection')
      .map(newRow);
    await store.projections.transaction(async (tx) => {
      for (const row of rows) await tx.saveRow({ ...row, state: 'live' });
    });
  }

  async function follow(limit: number): Promise<boolean> {
    const { worked, damaged } = await followOnce(
      store.projections,
      await store.projections.rows(),
      worker,
      limit,
    );
    expect(damaged).toEqual([]);
    return worked;
  }

  async function shown(name: string, table = name): Promise<object[]> {
    const projection = PROJECTIONS.find((one) => one.name === name)!;
    return store.projections.lines({ kind: 'lines', projection, table }, null, 1_000);
  }

  async function finish(name: string): Promise<void> {
    const runner = new JobRunner(store.projections, worker, () => 3);
    for (;;) {
      const row = (await store.projections.row(name))!;
      if (row.job?.endedAtMs !== null) {
        expect(row.job).toMatchObject({ phase: 'done', problem: null, difference: null });
        return;
      }
      expect(await runner.step(row)).toBe('worked');
    }
  }

  async function act(history: History, one: Act): Promise<void> {
    switch (one.do) {
      case 'accept':
        return history.accept(one.pick, one.status);
      case 'judge':
        return history.judge(one.pick, one.status);
      case 'displace':
        return history.displace(one.pick);
      case 'follow':
        return void (await follow(one.limit));
    }
  }

  async function isAsAtThatTime(history: History, position: number): Promise<void> {
    const projections = new Projections(store.projections, worker, () => {});
    for (const name of ['sales_by_day', 'office_activity']) {
      const into = `then_${name}`;
      await projections.asOf(name, { asOf: { position }, into });
      await finish(into);
      expect(await shown(name, into)).toEqual(naive(history.counted.get(position)!)[name]);
      await projections.drop(into);
    }
  }

  it('is followed, rebuilt and looked back at as a naive fold of what counted has it', async () => {
    const stories = fc.array(steps, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(stories, acts, fc.integer({ min: 1, max: 6 }), async (told, does, limit) => {
        await begin();
        const events = [...new Map(eventsOf(told).map((event) => [dotName(event), event])).values()];
        const history = new History(store, events);
        for (const one of does) await act(history, one);
        while (await follow(limit));
        const now = naive(history.counted.get(history.position)!);
        for (const { name } of PROJECTIONS)
          expect({ name, lines: await shown(name) }).toEqual({ name, lines: now[name] });
        for (const position of new Set([0, history.position >> 1, history.position]))
          await isAsAtThatTime(history, position);
        const projections = new Projections(store.projections, worker, () => {});
        await projections.rebuild('sales_by_product', {});
        await finish('sales_by_product');
        expect(await shown('sales_by_product')).toEqual(now['sales_by_product']);
        await projections.verify('sales_by_day', {});
        await finish('sales_by_day');
      }),
      { numRuns: 40 },
    );
  }, 300_000);
});
