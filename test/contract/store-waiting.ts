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
  });
}
