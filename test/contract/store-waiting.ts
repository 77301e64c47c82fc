import { waitingRow } from './store-fixtures.ts';
import type { StoreWorld } from './store-world.ts';

/** What a store promises of the events that wait for others. */
export function waitingContract(world: StoreWorld): void {
  describe('what waits', () => {
    it('is kept, listed, found by entity and removed', async () => {
      const rows = [1, 2, 3, 4].map((position) => waitingRow(position, position < 3 ? 'a' : 'a '));
      await world.write((tx) => tx.insertWaiting(rows));
      expect(await world.store.read.waiting(0, 10)).toEqual(rows);
      expect(await world.store.read.waiting(2, 1)).toEqual([rows[2]]);
      const key = { dataset: 'things', scope: 'west', entityId: 'a ' };
      expect(await world.store.read.waitingOf([key, { ...key, entityId: 'A' }, key])).toEqual([
        rows[2],
        rows[3],
      ]);
      await world.write((tx) => tx.removeWaiting([1, 4, 77]));
      expect(await world.store.read.waiting(0, 10)).toEqual([rows[1], rows[2]]);
    });

    it('is listed and counted by its author, and by how it stands', async () => {
      const rows = [
        waitingRow(1, 'a', { office: 'west', status: 'quarantined' }),
        waitingRow(2, 'b', { office: 'east', status: 'quarantined' }),
        waitingRow(3, 'c', { office: 'west', status: 'parked' }),
        waitingRow(4, 'd', { office: 'west', status: 'quarantined' }),
      ];
      await world.write((tx) => tx.insertWaiting(rows));
      const { read } = world.store;
      const only = { office: 'west', status: 'quarantined' } as const;
      expect(await read.waiting(0, 10, only)).toEqual([rows[0], rows[3]]);
      expect(await read.waiting(1, 10, only)).toEqual([rows[3]]);
      expect(await read.waiting(0, 10, { status: 'parked' })).toEqual([rows[2]]);
      expect(await read.countWaiting(only)).toBe(2);
      expect(await read.countWaiting({})).toBe(4);
      for (const office of ['nowhere', `' or 1 = 1 --`]) {
        expect(await read.waiting(0, 10, { office })).toEqual([]);
        expect(await read.countWaiting({ office })).toBe(0);
      }
    });
  });
}
