import { officeRow } from './store-fixtures.ts';
import type { StoreWorld } from './store-world.ts';

/** What a store promises of the offices that it knows. */
export function officesContract(world: StoreWorld): void {
  describe('offices', () => {
    it('are kept and replaced, in order of id', async () => {
      const [east, west] = [officeRow('east'), officeRow('west', { instance: '', sessionConfirmed: false })];
      await world.write((tx) => tx.saveOffices([west, east]));
      expect(await world.store.read.offices()).toEqual([east, west]);
      const retired = officeRow('east', { status: 'retired', subscribe: 'all', name: 'x'.repeat(5000) });
      await world.write((tx) => tx.saveOffices([retired]));
      expect(await world.store.read.offices()).toEqual([retired, west]);
      expect(await world.store.read.office('east')).toEqual(retired);
    });

    it('are locked in order of id, unknown ones left out', async () => {
      await world.write((tx) => tx.saveOffices([officeRow('west'), officeRow('east')]));
      const locked = await world.write((tx) => tx.lockOffices(['west', 'nowhere', 'east', 'west']));
      expect(locked).toEqual([officeRow('east'), officeRow('west')]);
      expect(await world.write((tx) => tx.lockOffices([]))).toEqual([]);
    });

    it.each(['nowhere', '', `' or 1 = 1 --`, 'WEST', 'west '])('finds no office "%s"', async (id) => {
      await world.write((tx) => tx.saveOffices([officeRow('west')]));
      expect(await world.store.read.office(id)).toBeNull();
      expect(await world.write((tx) => tx.lockOffices([id]))).toEqual([]);
    });
  });
}
