import { hash } from './store-fixtures.ts';
import type { StoreWorld } from './store-world.ts';

/** What a store promises of the digests that offices compare. */
export function digestsContract(world: StoreWorld): void {
  describe('digests', () => {
    it('are kept and replaced by dataset, scope and bucket', async () => {
      const row = (scope: string, bucket: number, count: number) => ({
        dataset: 'things',
        scope,
        bucket,
        count,
        events: hash(count),
        state: hash(255 - count),
      });
      await world.write((tx) => tx.saveDigests([row('west', 15, 1), row('west', 0, 2), row('east', 0, 3)]));
      await world.write((tx) => tx.saveDigests([row('west', 15, 4), row('west', 7, 5)]));
      expect(await world.store.read.digests('things', 'west')).toEqual([
        row('west', 0, 2),
        row('west', 7, 5),
        row('west', 15, 4),
      ]);
      expect(await world.store.read.digests('things', 'nowhere')).toEqual([]);
      const of = (scope: string) => ({ dataset: 'things', scope });
      const many = await world.store.read.digestsOf([of('west'), of('nowhere'), of('east'), of('west')]);
      expect(many.map(({ count }) => count).sort()).toEqual([2, 3, 4, 5]);
      expect(await world.store.read.digestsOf([])).toEqual([]);
    });
  });
}
