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

    it('are found by their age and by what is at stake, to the last digit', async () => {
      const stakes = ['9.99', '10', '100.0001', null, undefined] as const;
      const cases = stakes.map((atStake, number) =>
        conflictCase(number, {
          entityId: `e${number}`,
          openedAt: `2026-04-01T09:30:00.00${number}Z/0000`,
          ...(atStake === undefined ? {} : { atStake }),
        }),
      );
      await world.write((tx) => tx.saveCases(cases));
      const { read } = world.store;
      expect(await read.cases({ limit: 9, atStake: '10' })).toEqual([cases[1], cases[2]]);
      expect(await read.cases({ limit: 9, atStake: '10.0001' })).toEqual([cases[2]]);
      expect(await read.cases({ limit: 9, atStake: '0' })).toEqual(cases.slice(0, 3));
      expect(await read.cases({ limit: 1, atStake: '0', after: cases[0]!.id })).toEqual([cases[1]]);
      expect(await read.cases({ limit: 9, openedBefore: '2026-04-01T09:30:00.002Z' })).toEqual(
        cases.slice(0, 2),
      );
      expect(
        await read.cases({
          limit: 9,
          openedSince: '2026-04-01T09:30:00.001Z',
          openedBefore: '2026-04-01T09:30:00.003Z',
        }),
      ).toEqual(cases.slice(1, 3));
      expect(await read.countCases({ atStake: '10', openedBefore: '2026-04-01T09:30:00.002Z' })).toBe(1);
      await world.write((tx) => tx.saveCases([{ ...cases[0]!, atStake: '11' }]));
      expect(await read.countCases({ atStake: '10' })).toBe(3);
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
