import type { EventRow } from '../../mixins/store/store.ts';
import { HOSTILE_TEXTS, type LogWriter, PLENTY, readable, waitingRow } from './store-fixtures.ts';
import type { StoreWorld } from './store-world.ts';

/** west 1..3 and the head's, interleaved; epoch 2 of the head begins at a seq that epoch 1 had used. */
const scenery = (log: LogWriter): EventRow[] => [
  log.event({ office: 'west', seq: 1 }, 1),
  log.event({ office: 'head', seq: 1, scope: 'shared' }, 2),
  log.event({ office: 'west', seq: 2 }, 3),
  log.event({ office: 'head', seq: 2, scope: 'west', entityId: 'thing-1' }, 4),
  log.event({ office: 'head', seq: 2, epoch: 2, scope: 'east' }, 5),
  log.event({ office: 'west', seq: 3, scope: 'shared' }, 6),
  log.event({ office: 'east', seq: 1 }, 7),
  log.event({ office: 'head', seq: 3, epoch: 2, scope: 'shared' }, 8),
];
const positions = (rows: { position: number }[]): number[] => rows.map(({ position }) => position);

/** What a store promises of the events that it holds. */
export function eventsContract(world: StoreWorld): void {
  describe('events', () => {
    asTheyWere(world);
    inOrder(world);
    oneByOne(world);
    sampled(world);
    changed(world);
  });
}

function asTheyWere(world: StoreWorld): void {
  it('come back as the bytes they were, whatever they hold', async () => {
    const rows = [...HOSTILE_TEXTS, 'x'.repeat(1_000_000), '😀'.repeat(250_000)].map((text, index) =>
      world.log.event(
        { office: 'west', seq: index + 1, data: { name: text, [text.slice(0, 50)]: [text] } },
        index + 1,
      ),
    );
    await world.write((tx) => tx.insertEvents(rows));
    expect(readable(await world.store.read.eventsByPosition(0, PLENTY))).toEqual(readable(rows));
    expect(readable(await world.store.read.eventsBySeq('west', 0, PLENTY))).toEqual(readable(rows));
  });

  it('tell keys apart that differ only in case, in a trailing blank or in composition', async () => {
    const ids = ['a', 'A', 'a ', 'a  ', 'ä', 'a\u0308', 'ａ', 'ss', 'ß'];
    const rows = ids.map((entityId, index) =>
      world.log.event({ office: 'west', seq: index + 1, entityId }, index + 1),
    );
    await world.write((tx) => tx.insertEvents(rows));
    for (const [index, entityId] of ids.entries()) {
      const found = await world.store.read.eventsOfEntity({ dataset: 'things', scope: 'west', entityId });
      expect(found).toEqual([rows[index]]);
    }
    const keys = ids.slice(1).map((entityId) => ({ dataset: 'things', scope: 'west', entityId }));
    expect(await world.store.read.eventsOfEntities([...keys, ...keys].reverse())).toEqual(rows.slice(1));
    expect(await world.store.read.eventsOfEntities([])).toEqual([]);
  });
}

function inOrder(world: StoreWorld): void {
  it('are found by author, in order of seq', async () => {
    await world.write((tx) => tx.insertEvents(scenery(world.log)));
    expect(positions(await world.store.read.eventsBySeq('west', 0, PLENTY))).toEqual([1, 3, 6]);
    expect(positions(await world.store.read.eventsBySeq('west', 1, { ...PLENTY, count: 1 }))).toEqual([3]);
    expect(positions(await world.store.read.eventsBySeq('head', 1, PLENTY))).toEqual([4, 5, 8]);
    expect(await world.store.read.eventsBySeq('nowhere', 0, PLENTY)).toEqual([]);
  });

  it('are read up to a number of bytes, and one at least', async () => {
    const rows = [1, 2, 3, 4].map((seq) =>
      world.log.event({ office: 'west', seq, data: { name: 'x'.repeat(seq === 3 ? 5000 : 100) } }, seq),
    );
    await world.write((tx) => tx.insertEvents(rows));
    const bytes = rows[0]!.bytes.length + rows[1]!.bytes.length;
    const read = (limit: number) => world.store.read.eventsBySeq('west', 0, { count: 10, bytes: limit });
    expect(positions(await read(0))).toEqual([1]);
    expect(positions(await read(bytes))).toEqual([1, 2]);
    expect(positions(await read(bytes + 1))).toEqual([1, 2, 3]);
    expect(positions(await world.store.read.eventsByPosition(2, { count: 10, bytes: 1 }))).toEqual([3]);
  });

  it.each([
    [{}, [1, 2, 3, 4, 5, 6, 7, 8]],
    [{ author: 'head' }, [2, 4, 5, 8]],
    [{ notAuthor: 'west' }, [2, 4, 5, 7, 8]],
    [{ scopes: ['west'] }, [1, 3, 4]],
    [{ scopes: ['west', 'shared'] }, [1, 2, 3, 4, 6, 8]],
    [{ scopes: ['shared', 'west', 'shared'], notAuthor: 'west' }, [2, 4, 8]],
    [{ scopes: ['west', 'shared'], author: 'west' }, [1, 3, 6]],
    [{ scopes: ['west', 'east'], author: 'head', notAuthor: 'east' }, [4, 5]],
    [{ author: 'west', notAuthor: 'west' }, []],
    [{ scopes: [] }, []],
    [{ scopes: ['nowhere'] }, []],
    [{ author: `' or 1 = 1` }, []],
  ])('are found by position: %o', async (only, expected) => {
    await world.write((tx) => tx.insertEvents(scenery(world.log)));
    expect(positions(await world.store.read.eventsByPosition(0, PLENTY, only))).toEqual(expected);
    for (let upTo = 0; upTo <= 9; upTo++) {
      const after = expected.filter((position) => position > upTo);
      const next = await world.store.read.eventsByPosition(upTo, { count: 2, bytes: 1e6 }, only);
      expect(positions(next)).toEqual(after.slice(0, 2));
      const before = expected.filter((position) => position <= upTo).at(-1) ?? 0;
      expect(await world.store.read.lastPosition(only, upTo)).toBe(before);
    }
    expect(await world.store.read.lastPosition(only)).toBe(expected.at(-1) ?? 0);
  });
}

function oneByOne(world: StoreWorld): void {
  it('are found one by one', async () => {
    const rows = scenery(world.log);
    await world.write((tx) => tx.insertEvents(rows));
    expect(await world.store.read.eventAt(4)).toEqual(rows[3]);
    expect(await world.store.read.eventAt(9)).toBeNull();
    expect(positions(await world.store.read.eventsAt([6, 9, 2, 6]))).toEqual([2, 6]);
    expect(await world.store.read.eventsAt([])).toEqual([]);
    expect(await world.store.read.pointAt('west', 2)).toEqual({ epoch: 1, seq: 2, hash: rows[2]!.hash });
    expect(await world.store.read.pointAt('head', 2)).toEqual({ epoch: 2, seq: 2, hash: rows[4]!.hash });
    expect(await world.store.read.pointAt('west', 4)).toBeNull();
    const dots = [
      { office: 'head', epoch: 2, seq: 2 },
      { office: 'west', epoch: 1, seq: 1 },
      { office: 'west', epoch: 1, seq: 1 },
      { office: 'west', epoch: 2, seq: 1 },
    ];
    expect(positions(await world.store.read.eventsByDots(dots))).toEqual([1, 5]);
    expect(await world.store.read.eventsByDots([])).toEqual([]);
  });

  it('are found by the half of their id that an idempotency key gives, when they are own', async () => {
    const [one, two] = ['00000000-0001-8', '00000000-0002-8'].map((half) => `${half}abc`) as [string, string];
    const ids = [
      `${one}-9abc-000000000001`,
      `${two}-9abc-000000000002`,
      '00000000-0003-7abc-9abc-000000000003',
    ];
    const rows = ids.map((id, index) => world.log.event({ office: 'west', seq: index + 1, id }, index + 1));
    const foreign = world.log.event({ office: 'east', seq: 1, scope: 'east', id: ids[0]! }, 4);
    await world.write((tx) => tx.insertEvents([...rows, foreign]));
    expect(positions(await world.store.read.ownKeyed([two, one, one]))).toEqual([1, 2]);
    expect(await world.store.read.ownKeyed([ids[2]!.slice(0, 18), '%'])).toEqual([]);
    expect(await world.store.read.ownKeyed([])).toEqual([]);
    const many = Array.from({ length: 600 }, (_, index) => `no-${index}`);
    expect(positions(await world.store.read.ownKeyed([...many, two]))).toEqual([2]);
  });
}

function sampled(world: StoreWorld): void {
  it('are sampled from the newest back to the first', async () => {
    const rows = Array.from({ length: 40 }, (_, index) =>
      world.log.event({ office: 'head', seq: index + 1 }, index + 1),
    );
    await world.write((tx) => tx.insertEvents(rows));
    expect(positions(await world.store.read.tipsOf('head', 32))).toEqual([40, 39, 38, 36, 32, 24, 8, 1]);
    expect(positions(await world.store.read.tipsOf('head', 3))).toEqual([40, 39, 1]);
    expect(positions(await world.store.read.tipsOf('head', 1))).toEqual([40]);
    expect(await world.store.read.tipsOf('west', 32)).toEqual([]);
  });

  it('begin their samples with the highest position, whatever its seq', async () => {
    await world.write((tx) =>
      tx.insertEvents([
        world.log.event({ office: 'head', seq: 1 }, 1),
        world.log.event({ office: 'head', seq: 9 }, 2),
        world.log.event({ office: 'head', seq: 5, epoch: 2 }, 3),
      ]),
    );
    expect(positions(await world.store.read.tipsOf('head', 32))[0]).toBe(3);
    expect(positions(await world.store.read.tipsOf('head', 32)).at(-1)).toBe(1);
  });
}

function changed(world: StoreWorld): void {
  it('change their status', async () => {
    await world.write(async (tx) => {
      await tx.insertEvents(scenery(world.log));
      await tx.setEventStatus([2, 4, 99], 'parked');
      await tx.setEventStatus([], 'quarantined');
    });
    const statuses = (await world.store.read.eventsByPosition(0, { ...PLENTY, count: 4 })).map(
      ({ status }) => status,
    );
    expect(statuses).toEqual(['applied', 'parked', 'applied', 'parked']);
  });

  it('cannot be inserted twice', async () => {
    await world.write((tx) => tx.insertEvents(scenery(world.log)));
    await expect(
      world.write((tx) => tx.insertEvents([world.log.event({ office: 'new', seq: 1 }, 1)])),
    ).rejects.toThrow();
    await expect(
      world.write((tx) => tx.insertEvents([world.log.event({ office: 'west', seq: 1 }, 99)])),
    ).rejects.toThrow();
    expect((await world.store.read.eventsByPosition(0, PLENTY)).length).toBe(8);
  });

  it('are displaced with what waits, and are then in no other answer', async () => {
    const rows = scenery(world.log);
    await world.write(async (tx) => {
      await tx.insertEvents(rows);
      await tx.insertWaiting([waitingRow(1, 'a'), waitingRow(3, 'b'), waitingRow(7, 'c')]);
      await tx.displaceAfter('west', 1);
    });
    expect(await world.store.read.displaced()).toEqual([rows[2], rows[5]]);
    expect(positions(await world.store.read.eventsByPosition(0, PLENTY))).toEqual([1, 2, 4, 5, 7, 8]);
    expect(positions(await world.store.read.eventsBySeq('west', 0, PLENTY))).toEqual([1]);
    expect(await world.store.read.eventAt(3)).toBeNull();
    expect(await world.store.read.pointAt('west', 2)).toBeNull();
    expect(await world.store.read.lastPosition({ author: 'west' })).toBe(1);
    expect(positions(await world.store.read.waiting(0, 9))).toEqual([1, 7]);
    const again = world.log.event({ office: 'west', seq: 2, id: rows[2]!.event.id }, 9);
    await world.write((tx) => tx.insertEvents([again]));
    await world.write((tx) => tx.displaceAfter('west', 1));
    expect(positions(await world.store.read.displaced())).toEqual([3, 6, 9]);
  });
}
