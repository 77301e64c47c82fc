import { errorType } from '../../domain/errors.ts';
import { recorded, things, WITH } from './store-fixtures.ts';
import { failureOf, type StoreWorld } from './store-world.ts';

const row = (entityId: string, scope: string, changes: object = {}) => {
  const one = recorded(entityId, { amount: '10.5', name: entityId }, scope);
  return { ...one, row: { ...one.row!, ...changes } };
};
const deleted = { deletedAt: '2026-04-02T00:00:00.000Z' };
const named = (rows: { scope: string; entityId: string }[]) =>
  rows.map((one) => `${one.scope}:${one.entityId}`);

/** What a store promises of the rows that people ask for. */
export function rowsContract(world: StoreWorld): void {
  describe('rows', () => {
    beforeEach(async () => {
      await world.write((tx) =>
        tx.saveEntities([
          row('b', 'west'),
          row('a', 'west', deleted),
          row('a', 'east'),
          row('A', 'west', { conflicted: true }),
          row('a ', 'west', { ...deleted, conflicted: true }),
        ]),
      );
    });

    found(world);
    summed(world);

    it('of a dataset that is not declared are not there', async () => {
      const error = await failureOf(world.store.read.countRows({ ...things, name: 'others' }, WITH));
      expect(errorType(error)).toBe('unknown-dataset');
    });

    it('show decimals to people who look into the database', async () => {
      await world.write((tx) => tx.saveEntities([recorded('view', { amount: '-0.05', wholeSum: '7' })]));
      const from = world.kind === 'sqlite' ? 'things_view' : 'things';
      const sql = `select amount, twice, whole_sum from ${from} where entity_id = 'view'`;
      const [seen] = await (await world.raw()).run(sql);
      const shown = Object.values(seen ?? {}).map(String);
      expect(shown).toEqual(['-0.0500', '-0.1000', '7']);
    });
  });
}

function found(world: StoreWorld): void {
  it('come in order of scope and id, page by page', async () => {
    const all = ['east:a', 'west:A', 'west:a', 'west:a ', 'west:b'];
    expect(named(await world.store.read.rows(things, { ...WITH, limit: 99 }))).toEqual(all);
    let [after, seen]: [{ scope: string; entityId: string } | undefined, string[]] = [undefined, []];
    for (;;) {
      const page = await world.store.read.rows(things, { ...WITH, limit: 2, ...(after ? { after } : {}) });
      if (page.length === 0) break;
      seen = [...seen, ...named(page)];
      after = { scope: page.at(-1)!.scope, entityId: page.at(-1)!.entityId };
    }
    expect(seen).toEqual(all);
    const within = { ...WITH, scope: 'west', limit: 2, after: { scope: 'west', entityId: 'a' } };
    expect(named(await world.store.read.rows(things, within))).toEqual(['west:a ', 'west:b']);
  });

  it.each([
    [{ deleted: 'without' }, ['east:a', 'west:A', 'west:b']],
    [{ deleted: 'only' }, ['west:a', 'west:a ']],
    [{ deleted: 'with', conflicted: true }, ['west:A', 'west:a ']],
    [{ deleted: 'without', conflicted: false }, ['east:a', 'west:b']],
    [{ deleted: 'with', scope: 'west', equals: { name: 'a' } }, ['west:a']],
    [{ deleted: 'with', equals: { amount: '10.5', name: 'b' } }, ['west:b']],
    [{ deleted: 'with', scope: 'WEST' }, []],
  ] as const)('are filtered by %o', async (filter, expected) => {
    expect(named(await world.store.read.rows(things, { ...filter, limit: 99 }))).toEqual(expected);
    expect(await world.store.read.countRows(things, filter)).toBe(expected.length);
  });

  it('are found by id in every scope', async () => {
    expect(named(await world.store.read.rowsById(things, 'a'))).toEqual(['east:a', 'west:a']);
    expect(await world.store.read.rowsById(things, 'nothing')).toEqual([]);
  });
}

function summed(world: StoreWorld): void {
  it('are summed, or it is said why not', async () => {
    expect(await world.store.read.sumRows(things, 'amount', { deleted: 'without' })).toBe('31.5');
    expect(await world.store.read.sumRows(things, 'amount', { ...WITH, scope: 'nowhere' })).toBe('0');
    expect(await world.store.read.sumRows(things, 'pieces', WITH)).toBe('0');
    expect(errorType(await failureOf(world.store.read.sumRows(things, 'name', WITH)))).toBe('unknown-field');
    expect(errorType(await failureOf(world.store.read.sumRows(things, 'amount"', WITH)))).toBe(
      'unknown-field',
    );
    const equals = { 'name" = name --': 'x' };
    expect(errorType(await failureOf(world.store.read.countRows(things, { ...WITH, equals })))).toBe(
      'unknown-field',
    );
  });
}
