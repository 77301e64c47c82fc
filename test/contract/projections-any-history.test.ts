import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { dotName } from '../../domain/event.ts';
import { PROJECTIONS } from '../../domain/projections/registry.ts';
import type { Worker } from '../../mixins/projections/claim.ts';
import { followOnce } from '../../mixins/projections/follow.ts';
import { JobRunner } from '../../mixins/projections/job-runner.ts';
import { Projections } from '../../mixins/projections/projections.ts';
import { newRow } from '../../mixins/projections/ask-for-missing.ts';
import { Declarations } from '../../mixins/projections/declared.ts';
import { createStore, type DatabaseStore } from '../../mixins/store/create-store.ts';
import { type TestPlace, testDatabase } from '../harness/servers.ts';
import { steps } from '../unit/story.ts';
import { type Act, acts, eventsOf, History, naive } from './projections-history.ts';
import { openRaw } from './store-raw.ts';

const TABLES = [
  'event',
  'displaced_event',
  'late',
  'projection',
  'projection_failure',
  ...PROJECTIONS.map(({ name }) => name),
];

const declared = new Declarations(BUILT_IN);

describe('any history', () => {
  const worker: Worker = { instance: randomUUID(), isAlone: true, nowMs: () => Date.now(), declared };
  let place: TestPlace;
  let store: DatabaseStore;

  beforeAll(async () => {
    place = await testDatabase('sqlite');
    store = createStore({ url: place.url, office: 'head', role: 'head', datasets: BUILT_IN.all });
    await store.open();
    for (const of of declared.all())
      if (of.kind === 'projection')
        await store.projections.changeTables((_, tables) => tables.make(of.target(of.base)));
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
    const rows = declared
      .all()
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
