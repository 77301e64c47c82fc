import { conflictCase } from './store-fixtures.ts';
import type { StoreWorld } from './store-world.ts';

/** What a store promises of conflict cases. */
export function casesContract(world: StoreWorld): void {
  describe('conflict cases', () => {
    it('are kept and replaced, listed page by page, and counted', async () => {
      const cases = [1, 2, 3, 4].map((number) =>
        conflictCase(number, { entityId: `e${number}`, scope: number < 4 ? 'west' : 'east' }),
      );
      await world.write((tx) => tx.saveCases(cases));
      const settled = {
        ...cases[1]!,
        status: 'settled' as const,
        settledAt: '2026-04-03T00:00:00.000Z/0000',
      };
      await world.write((tx) => tx.saveCases([settled]));
      expect(await world.store.read.case(settled.id)).toEqual(settled);
      expect(await world.store.read.cases({ limit: 9 })).toEqual([cases[0], settled, cases[2], cases[3]]);
      expect(await world.store.read.cases({ limit: 1, after: cases[0]!.id, status: 'open' })).toEqual([
        cases[2],
      ]);
      expect(await world.store.read.cases({ limit: 9, scope: 'east', dataset: 'things' })).toEqual([
        cases[3],
      ]);
      expect(await world.store.read.countCases({ status: 'settled' })).toBe(1);
      expect(await world.store.read.countCases({ status: 'open', scope: 'west' })).toBe(2);
      expect(await world.store.read.countCases({ dataset: 'sales' })).toBe(0);
    });

    it('are found by entity while they are open', async () => {
      const [open1, open2] = [conflictCase(1), conflictCase(2, { entityId: 'thing-1 ' })];
      const settled = conflictCase(3, { status: 'settled', settledAt: '2026-04-03T00:00:00.000Z/0000' });
      await world.write((tx) => tx.saveCases([open1, open2, settled]));
      expect(await world.store.read.openCases([open1])).toEqual([open1]);
      expect(await world.store.read.openCases([open2, open1, { ...open1, entityId: 'THING-1' }])).toEqual([
        open1,
        open2,
      ]);
      expect(await world.store.read.openCases([])).toEqual([]);
    });

    it.each([`' or 1 = 1 --`, '\\', '\0', '"', '😀'])(
      'take %j for the id, scope and dataset of none',
      async (word) => {
        await world.write((tx) => tx.saveCases([conflictCase(1)]));
        expect(await world.store.read.case(word)).toBeNull();
        expect(await world.store.read.cases({ limit: 9, scope: word })).toEqual([]);
        expect(await world.store.read.countCases({ dataset: word })).toBe(0);
      },
    );
  });
}
