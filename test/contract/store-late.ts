import type { StoreWorld } from './store-world.ts';

const KEY = { dataset: 'things', scope: 'west' };

/** What a store notes of events that count otherwise than they did where they were accepted. */
export function lateContract(world: StoreWorld): void {
  describe('late changes', () => {
    const noted = async () => {
      const rows = await (await world.raw()).run('select * from late order by no');
      return rows.map((row) =>
        ['no', 'at_position', 'position', 'entity_id', 'change_kind'].map((name) => String(row[name])),
      );
    };

    it('are noted in order, with where the log stood afterwards', async () => {
      const rows = [1, 2, 3].map((seq) => world.log.event({ office: 'west', seq }, seq));
      await world.write(async (tx) => {
        await tx.saveLog({ ...(await tx.lockLog()), position: 3 });
        await tx.insertEvents([
          rows[0]!,
          { ...rows[1]!, status: 'parked' },
          { ...rows[2]!, status: 'quarantined' },
        ]);
      });
      expect(await noted()).toEqual([]);
      await world.write(async (tx) => {
        const log = await tx.lockLog();
        await tx.setEventStatus([1, 2], 'applied'); // the first one is already
        await tx.setEventStatus([3], 'parked'); // counts as little as before
        await tx.insertEvents([world.log.event({ office: 'west', seq: 4 }, 4)]);
        await tx.saveLog({ ...log, position: 4 });
      });
      await world.write(async (tx) => {
        await tx.lockLog();
        await tx.setEventStatus([1], 'discarded');
        await tx.displaceAfter('west', 1);
      });
      expect(await noted()).toEqual([
        ['1', '4', '2', 'thing-2', 'applied'],
        ['2', '4', '1', 'thing-1', 'set-aside'],
        ['3', '4', '2', 'thing-2', 'displaced'],
        ['4', '4', '4', 'thing-4', 'displaced'],
      ]);
    });

    it('are what makes a moment of the past', async () => {
      const rows = [1, 2].map((seq) => world.log.event({ office: 'west', seq, entityId: 'a' }, seq));
      await world.write(async (tx) => {
        await tx.saveLog({ ...(await tx.lockLog()), position: 2 });
        await tx.insertEvents([rows[0]!, { ...rows[1]!, status: 'parked' }]);
      });
      const { projections } = await world.open();
      const before = await projections.present();
      expect(before).toEqual({ position: 2, lateNo: 0 });
      await world.write(async (tx) => {
        await tx.lockLog();
        await tx.setEventStatus([2], 'applied');
        await tx.displaceAfter('west', 1);
        await tx.setEventStatus([1], 'parked');
      });
      const now = await projections.present();
      expect(now).toEqual({ position: 2, lateNo: 3 });
      const [history] = await projections.histories([{ ...KEY, entityId: 'a' }], before);
      const seqs = (moment: typeof now) =>
        history!.late.knownAt(history!.events, moment).map(({ seq }) => seq);
      expect(seqs(before)).toEqual([1]);
      expect(seqs({ position: 2, lateNo: 1 })).toEqual([1, 2]);
      expect(seqs({ position: 1, lateNo: 1 })).toEqual([1]);
      expect(seqs(now)).toEqual([]);
      const { histories, count } = await projections.follow('things', before, now);
      expect([histories.length, count]).toEqual([1, 3]);
    });
  });
}
