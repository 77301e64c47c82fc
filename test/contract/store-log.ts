import type { LogRow } from '../../mixins/store/store.ts';
import { hash } from './store-fixtures.ts';
import type { StoreWorld } from './store-world.ts';

const changed: LogRow = {
  office: 'west',
  role: 'branch',
  headOffice: 'main',
  tail: { epoch: 2, seq: Number.MAX_SAFE_INTEGER, hash: hash(255) },
  position: Number.MAX_SAFE_INTEGER - 1,
  at: '9999-12-31T23:59:59.999Z/ffff',
  hold: 'fenced',
  paused: true,
  waiting: 3,
  session: 4,
  acked: { epoch: 1, seq: 5, hash: hash(1) },
  safeSeq: 6,
  definitions: 12,
  feed: { feedEpoch: 7, position: 8, hash: hash(2) },
  feedEpoch: 9,
  feedForks: [
    { feedEpoch: 2, position: 10 },
    { feedEpoch: 9, position: 11 },
  ],
};

/** What a store promises of the row of its own log. */
export function logContract(world: StoreWorld): void {
  describe('the log row', () => {
    it('is kept as it was saved', async () => {
      await world.write(async (tx) => {
        await tx.lockLog();
        await tx.saveLog(changed);
        expect(await tx.logRow()).toEqual(changed);
      });
      expect(await world.store.read.logRow()).toEqual(changed);
    });

    it('is seen by others only when it is committed', async () => {
      await world.write(async (tx) => {
        await tx.lockLog();
        await tx.saveLog(changed);
        expect((await world.store.read.logRow()).position).toBe(0);
      });
      expect((await world.store.read.logRow()).position).toBe(changed.position);
    });
  });
}
