import { idempotencyName, isKeyed } from '../../domain/office/event-id.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '../../domain/chain.ts';
import { createStore } from '../../mixins/store/create-store.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { entityKeyOf, SHARED_SCOPE } from '../../domain/event.ts';
import { decodeState, presentRow } from '../../domain/office/present.ts';
import type { Store, StoreReader } from '../../mixins/store/store.ts';
import { MemoryDisk, type Place } from './memory-store.ts';
import { drawPlan } from './draw-plan.ts';
import type { Plan } from './plan.ts';
import { play } from './history.ts';
import { Scene } from './scene.ts';
import { World } from './world.ts';

const ALL = { count: 2 ** 31 - 1, bytes: Number.MAX_SAFE_INTEGER };
const FEW = { count: 7, bytes: 3_000 };

/** What a disk of the simulator holds, in a real database. */
async function inSqlite(disk: MemoryDisk, path: string): Promise<Store> {
  const { office, role, tables } = disk;
  const store = createStore({ url: `sqlite:${path}`, office, role, datasets: BUILT_IN.all });
  await store.open();
  await store.transaction(async (tx) => {
    await tx.lockLog();
    await tx.insertEvents([...tables.displaced.values()]);
    await tx.displaceAfter(office, 0);
    await tx.insertEvents(tables.events.inOrder());
    await tx.insertWaiting([...tables.waiting.values()]);
    await tx.saveOffices([...tables.offices.values()]);
    await tx.saveDigests([...tables.digests.values()].flat());
    await tx.saveCases(disk.reads.cases({ limit: 1_000_000 }));
    for (const { state: text } of tables.entities.values()) {
      const state = decodeState(text);
      const dataset = BUILT_IN.named(state.dataset);
      await tx.saveEntities([
        { state, row: dataset === null ? null : presentRow(dataset, state), isNew: true },
      ]);
    }
    await tx.saveLog(disk.reads.logRow());
  });
  return store;
}

type Question = [string, (reader: StoreReader) => Promise<unknown>];

/** Whatever the ledger asks of a store, about what is in this one. */
function questionsAbout(disk: MemoryDisk, head: string): Question[] {
  const rows = disk.tables.events.inOrder();
  const some = rows.filter((_, index) => index % 17 === 0);
  const { office } = disk;
  const keys = some.map(({ event }) => entityKeyOf(event));
  return [
    ['logRow', (reader) => reader.logRow()],
    ['offices', (reader) => reader.offices()],
    ['displaced', (reader) => reader.displaced()],
    ['waiting', (reader) => reader.waiting(0, 1_000)],
    ['digests', (reader) => reader.digests('sales', office)],
    ['cases', (reader) => reader.cases({ limit: 1_000 })],
    ['open cases', (reader) => reader.openCases(keys)],
    [
      'cases by their ids',
      async (reader) => reader.casesById((await reader.cases({ limit: 5 })).map(({ id }) => id)),
    ],
    ['rows', (reader) => reader.rows(sales, { deleted: 'with', limit: 10_000 })],
    ['live rows of a scope', (reader) => reader.rows(sales, { scope: office, deleted: 'without', limit: 5 })],
    ['sum', (reader) => reader.sumRows(sales, 'total', { deleted: 'without' })],
    ['tips', (reader) => reader.tipsOf(head, 32)],
    ['newest of lives', (reader) => reader.newestOfLives(head, 8)],
    ['by dots', (reader) => reader.eventsByDots(some.map(({ event }) => event))],
    [
      'by key halves',
      (reader) =>
        reader.ownKeyed(some.flatMap(({ event }) => (isKeyed(event.id) ? [idempotencyName(event.id)] : []))),
    ],
    ...[0, 3, 40].flatMap((after): Question[] => [
      [`own after ${after}`, (reader) => reader.eventsBySeq(office, after, FEW)],
      [`kept after ${after}`, (reader) => reader.keptBySeq(office, after, FEW)],
      [`head's after ${after}`, (reader) => reader.eventsBySeq(head, after, ALL)],
      [`positions after ${after}`, (reader) => reader.eventsByPosition(after, FEW)],
      [
        `subscription after ${after}`,
        (reader) => reader.eventsByPosition(after, FEW, { author: head, scopes: [office, SHARED_SCOPE] }),
      ],
      [`all but own after ${after}`, (reader) => reader.eventsByPosition(after, ALL, { notAuthor: office })],
      [
        `last up to ${after}`,
        (reader) => reader.lastPosition({ author: head, scopes: [office, SHARED_SCOPE] }, after),
      ],
      [`point at ${after}`, (reader) => reader.pointAt(office, after)],
      [`event at ${after}`, (reader) => reader.eventAt(after)],
    ]),
    ['last of the head', (reader) => reader.lastPosition({ author: head })],
    ['last but own', (reader) => reader.lastPosition({ notAuthor: office })],
    ['histories', (reader) => Promise.all(keys.slice(0, 5).map((key) => reader.eventsOfEntity(key)))],
    ['histories of many', (reader) => reader.eventsOfEntities(keys)],
    ['events at some positions', (reader) => reader.eventsAt([...some.map((row) => row.position), 1e9])],
    ['states', (reader) => Promise.all(keys.slice(0, 5).map((key) => reader.entity(key)))],
  ];
}

/** In one line, bytes in hexadecimal, fields in order: comparing is quicker so than field by field. */
function textOf(answer: unknown): string {
  if (answer instanceof Uint8Array) return toHex(answer);
  if (Array.isArray(answer)) return `[${answer.map(textOf).join()}]`;
  if (typeof answer !== 'object' || answer === null) return JSON.stringify(answer);
  const fields = Object.entries(answer).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, value]) => `${name}: ${textOf(value)}`).join()}}`;
}

/** Rows in memory have no columns that could be added to them. */
function withoutEvolutions({ faults, aims, ...plan }: Plan): Plan {
  const stays = (fault: string) => fault !== 'dataset-changed';
  return {
    ...plan,
    faults: new Map([...faults].filter(([fault]) => stays(fault))),
    aims: aims.filter(({ fault }) => stays(fault)),
  };
}

describe('the store of the simulator answers as SQLite does', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'branchline-simulation-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([49, 91])('about a whole history of faults (seed %i)', async (seed) => {
    const world = new World(seed);
    const scene = new Scene(world, withoutEvolutions(drawPlan(world.chance('plan'), null)));
    await play(scene);
    for (const { name, disk } of scene.sites()) {
      const [memory, sqlite] = [disk.open(), await inSqlite(disk, join(folder, `${name}.sqlite`))];
      for (const [what, ask] of questionsAbout(disk, scene.head.office))
        expect(`${what}: ${textOf(await ask(memory.read))}`).toBe(
          `${what}: ${textOf(await ask(sqlite.read))}`,
        );
      await sqlite.close();
    }
  });
});

describe('a disk', () => {
  it('holds what was committed, and nothing of a transaction that a crash cut off', async () => {
    const disk = new MemoryDisk('west', 'branch');
    const store = disk.open();
    await store.transaction(async (tx) => tx.saveLog({ ...(await tx.lockLog()), position: 1 }));
    let enter = () => {};
    const entered = new Promise<void>((resolve) => (enter = resolve));
    let isAnswered = false;
    const cut = store.transaction(async (tx) => {
      await tx.saveLog({ ...(await tx.lockLog()), position: 2 });
      enter();
      await new Promise(() => {});
    });
    void cut.then(() => (isAnswered = true));
    await entered;
    disk.crash();
    expect((await disk.open().read.logRow()).position).toBe(1);
    expect(isAnswered).toBe(false);
  });

  /** Until the first commit is written, and not further. */
  async function writtenOnly(): Promise<MemoryDisk> {
    const disk = new MemoryDisk('west', 'branch');
    const written = new Promise<void>((resolve) => {
      const passes = (place: Place) => void (place === 'written' && resolve());
      const pause = (place: Place) => (place === 'written' ? new Promise<void>(() => {}) : null);
      const store = disk.open({ pause, fault: () => null, passes });
      void store.transaction(async (tx) => tx.saveLog({ ...(await tx.lockLog()), position: 1 }));
    });
    await written;
    return disk;
  }

  it('keeps what was only written when the process ends, and makes it safe for the next one', async () => {
    const disk = await writtenOnly();
    disk.crash();
    const store = disk.open();
    await store.open();
    disk.losePower();
    expect((await disk.open().read.logRow()).position).toBe(1);
  });

  it('loses what was only written with the power', async () => {
    const disk = await writtenOnly();
    expect(disk.losePower()).toBe(true);
    expect((await disk.open().read.logRow()).position).toBe(0);
  });

  it('takes nothing more when it is full, and is read all the same', async () => {
    const store = new MemoryDisk('west', 'branch').open({
      pause: () => null,
      fault: (place) => (place === 'commit' ? 'full' : null),
      passes: () => {},
    });
    const writing = store.transaction(async (tx) => tx.saveLog({ ...(await tx.lockLog()), position: 1 }));
    await expect(writing).rejects.toMatchObject({ type: 'database-unavailable' });
    expect(await store.transaction(async (tx) => (await tx.lockLog()).position)).toBe(0);
    expect((await store.read.logRow()).position).toBe(0);
  });

  it('rolls back what failed', async () => {
    const store = new MemoryDisk('west', 'branch').open();
    const failing = store.transaction(async (tx) => {
      await tx.saveLog({ ...(await tx.lockLog()), position: 2 });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await store.read.logRow()).position).toBe(0);
  });

  it('is copied as it was, also when the copy is looked at much later', async () => {
    const world = new World(1);
    const scene = new Scene(world, { ...drawPlan(world.chance('plan'), 1), faultsMs: 120_000 });
    await play(scene);
    const { disk } = scene.branches()[0]!;
    const [early, late] = [disk.copy(), disk.copy()];
    const asked = questionsAbout(early, scene.head.office); // looks at it now
    await disk.open().transaction(async (tx) => {
      const [first, last] = [early.tables.events.at(1)!, early.tables.events.ofOffice(disk.office).at(-1)!];
      await tx.setEventStatus([first.position], 'parked');
      await tx.displaceAfter(disk.office, 2);
      await tx.removeEntities([entityKeyOf(first.event)]);
      await tx.insertEvents([{ ...last, position: 1_000 }]);
      await tx.saveLog({ ...(await tx.lockLog()), position: 1_000 });
    });
    expect(disk.reads.logRow().position).toBe(1_000);
    for (const [what, ask] of asked) {
      const [then, now] = await Promise.all([ask(early.open().read), ask(late.open().read)]);
      expect(`${what}: ${textOf(now)}`).toBe(`${what}: ${textOf(then)}`);
    }
  });
});
