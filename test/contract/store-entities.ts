import type { Store } from '../../mixins/store/store.ts';
import { HOSTILE_TEXTS, NO_VALUES, recorded, things, WITH } from './store-fixtures.ts';
import type { StoreWorld } from './store-world.ts';

const key = (entityId: string, scope = 'west') => ({ dataset: 'things', scope, entityId });
const valuesOf = async (store: Store, entityId: string) =>
  (await store.read.rowsById(things, entityId))[0]?.values;

/** What a store promises of the states and rows of entities. */
export function entitiesContract(world: StoreWorld): void {
  describe('entities', () => {
    texts(world);
    values(world);
    changes(world);
    states(world);
  });
}

function texts(world: StoreWorld): void {
  it('keep their state and their row', async () => {
    const write1 = recorded('thing-1', { name: 'x', amount: '12.95' });
    await world.write((tx) => tx.saveEntities([write1]));
    expect(await world.store.read.entity(key('thing-1'))).toEqual(write1.state);
    expect(await world.store.read.rowsById(things, 'thing-1')).toEqual([write1.row]);
    expect(await world.store.read.entity(key('thing-2'))).toBeNull();
    expect(await world.store.read.entity(key('thing-1', 'east'))).toBeNull();
  });

  it.each(HOSTILE_TEXTS)('keep the text %j', async (text) => {
    const data = { name: text, order: text, parent: text, group: 'a ' };
    const one = recorded(`id ${text}`.replace(/\p{Cc}/gu, ''), data);
    await world.write((tx) => tx.saveEntities([one]));
    expect(await world.store.read.entity(one.state)).toEqual(one.state);
    expect(await world.store.read.rowsById(things, one.state.entityId)).toEqual([one.row]);
    const equals = await world.store.read.rows(things, {
      ...WITH,
      limit: 9,
      equals: { name: text, order: text },
    });
    expect(equals).toEqual([one.row]);
    expect(await world.store.read.countRows(things, { ...WITH, equals: { name: `${text} ` } })).toBe(0);
  });

  it('keep a text of a million characters', async () => {
    const texts = ['x'.repeat(1_000_000), '😀'.repeat(260_000)];
    await world.write((tx) =>
      tx.saveEntities(texts.map((order, index) => recorded(`big-${index}`, { order }))),
    );
    expect((await valuesOf(world.store, 'big-0'))?.['order']).toBe(texts[0]);
    expect((await valuesOf(world.store, 'big-1'))?.['order']).toBe(texts[1]);
  });
}

function values(world: StoreWorld): void {
  it.each([
    ['soldOn', ['0001-01-01', '0099-12-31', '1582-10-10', '1900-02-28', '2024-02-29', '9999-12-31']],
    [
      'seenAt',
      [
        '0001-01-01T00:00:00.000Z',
        '1969-12-31T23:59:59.999Z',
        '2026-03-29T01:30:00.120Z',
        '9999-12-31T23:59:59.999Z',
      ],
    ],
    [
      'amount',
      [
        '0',
        '-0.0001',
        '0.1',
        '12.95',
        '-1011.52',
        '49999999999999.9999',
        '-49999999999999.9999',
        '10000000000000',
      ],
    ],
    ['wholeSum', ['0', '99999999999999', '-99999999999999', '100']],
    ['pieces', [0, -1, 9007199254740991, -9007199254740991]],
    ['open', [true, false]],
    ['group', ['A', 'a', 'a ']],
  ])('keep every %s', async (field, values) => {
    const writes = values.map((value, index) => recorded(`v${index}`, { [field]: value }));
    await world.write((tx) => tx.saveEntities(writes));
    const rows = await world.store.read.rows(things, { ...WITH, limit: 99 });
    expect(rows).toEqual(writes.map(({ row }) => row));
    for (const [index, value] of values.entries()) {
      const found = await world.store.read.rows(things, { ...WITH, limit: 99, equals: { [field]: value } });
      expect(found.map(({ entityId }) => entityId)).toEqual([`v${index}`]);
    }
  });

  it('know null from everything else', async () => {
    await world.write((tx) =>
      tx.saveEntities([recorded('none', {}), recorded('some', { name: '', open: false })]),
    );
    expect(await valuesOf(world.store, 'none')).toEqual(NO_VALUES);
    const none = await world.store.read.rows(things, { ...WITH, limit: 9, equals: { name: null } });
    expect(none.map(({ entityId }) => entityId)).toEqual(['none']);
    expect(await world.store.read.countRows(things, { ...WITH, equals: { open: false } })).toBe(1);
  });
}

function changes(world: StoreWorld): void {
  it('are locked in key order, unknown ones left out', async () => {
    const ids = ['b', 'a ', 'B', 'a', 'ä', '😀', '\uffff'];
    await world.write((tx) => tx.saveEntities(ids.map((id) => recorded(id, { name: id }))));
    const locked = await world.write((tx) => tx.lockEntities([...ids, 'no', 'a'].map((id) => key(id))));
    expect(locked.map(({ entityId }) => entityId)).toEqual(['B', 'a', 'a ', 'b', 'ä', '\uffff', '😀']);
    expect(await world.write((tx) => tx.lockEntities([]))).toEqual([]);
  });

  it('are updated and removed', async () => {
    const [one, two] = [recorded('one', { name: 'x' }), recorded('two', { name: 'y' })];
    await world.write((tx) => tx.saveEntities([one, two]));
    const changed = { ...recorded('one', { name: 'changed', amount: '1.5' }), isNew: false };
    const fresh = recorded('three', { name: 'z' });
    await world.write((tx) => tx.saveEntities([changed, fresh]));
    expect(await world.store.read.entity(key('one'))).toEqual(changed.state);
    expect(await world.store.read.rowsById(things, 'one')).toEqual([changed.row]);
    await world.write((tx) => tx.removeEntities([key('one'), key('three'), key('no')]));
    expect(await world.store.read.rows(things, { ...WITH, limit: 9 })).toEqual([two.row]);
    expect(await world.store.read.entity(key('one'))).toBeNull();
  });

  it('must be said to be known when they are', async () => {
    await world.write((tx) => tx.saveEntities([recorded('one', {})]));
    await expect(world.write((tx) => tx.saveEntities([recorded('one', {})]))).rejects.toThrow();
  });
}

function states(world: StoreWorld): void {
  it('of a dataset without a table keep their state', async () => {
    const { state } = recorded('one ', { name: '😀 ' });
    const system = { ...state, dataset: 'incidents' };
    await world.write((tx) =>
      tx.saveEntities([{ state: system, row: null, isNew: true }, recorded('one ', {})]),
    );
    const other = { ...key('one '), dataset: 'incidents' };
    expect(await world.store.read.entity(other)).toEqual(system);
    const locked = await world.write((tx) => tx.lockEntities([key('one '), other]));
    expect(locked.map(({ dataset }) => dataset)).toEqual(['incidents', 'things']);
    const newer = { ...system, updatedAt: '2027-01-01T00:00:00.000Z/0000' };
    await world.write((tx) => tx.saveEntities([{ state: newer, row: null, isNew: false }]));
    expect(await world.store.read.entity(other)).toEqual(newer);
    await world.write((tx) => tx.removeEntities([other]));
    expect(await world.store.read.entity(other)).toBeNull();
    expect(await world.store.read.entity(key('one '))).not.toBeNull();
  });

  it('are saved by the thousand', async () => {
    const many = Array.from({ length: 1500 }, (_, index) => recorded(`m${index}`, { amount: '0.0001' }));
    await world.write((tx) => tx.saveEntities(many));
    const locked = await world.write((tx) => tx.lockEntities(many.map(({ state }) => state)));
    expect(locked.length).toBe(1500);
    await world.write((tx) => tx.saveEntities(many.map((one) => ({ ...one, isNew: false }))));
    await world.write((tx) => tx.removeEntities(many.slice(0, 700).map(({ state }) => state)));
    expect(await world.store.read.countRows(things, WITH)).toBe(800);
    expect(await world.store.read.sumRows(things, 'amount', WITH)).toBe('0.08');
  });
}
