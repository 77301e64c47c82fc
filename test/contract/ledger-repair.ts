import { START_OF_CHAIN } from '../../domain/chain.ts';
import { sales } from '../../domain/datasets/sales.ts';
import type { Refork } from '../../mixins/ledger/repair-tx.ts';
import type { Store } from '../../mixins/store/store.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { amend, record } from './ledger-commands.ts';
import { cursor, failing, fed, pointOf, qtyOf, START, statusesOf, westOf } from './ledger-branch-office.ts';
import { allEvents, expectChained, expectFoldedFromNothing } from './ledger-checks.ts';
import {
  failureOf,
  type LedgerWorld,
  noting,
  type Office,
  type OfficeOptions,
  withWork,
} from './ledger-world.ts';

/** How a branch’s log is mended after a fork. */
export function repairContract(world: LedgerWorld): void {
  const west = (options?: OfficeOptions) => westOf(world, options);

  describe('a fork', () => {
    /** West has sold s0 to s3; the head holds another history after the first `common` of them. */
    async function forked(
      common: number,
      options: OfficeOptions = {},
    ): Promise<{ office: Office; accepted: OfficeLog; repair: () => Refork }> {
      const office = await west(options);
      await office.ledger.submitAll([record('s0'), record('s1'), amend('s0', { cost: '13' }), record('s3')]);
      const own = await office.ledger.read.eventsBySeq('west', 0, { count: 100, bytes: 1e9 });
      const shared = common === 0 ? START_OF_CHAIN : pointOf(own[common - 1]!);
      const accepted = new OfficeLog('west', shared);
      return {
        office,
        accepted,
        repair: () => ({ common: shared, tail: accepted.events, end: accepted.end, epoch: 2 }),
      };
    }

    const displacedOf = async ({ ledger }: Office) =>
      (await ledger.read.displaced()).map(({ event }) => event.seq);
    const logOf = async ({ ledger }: Office) =>
      (await ledger.read.eventsBySeq('west', 0, { count: 100, bytes: 1e9 })).map(({ event }) => [
        event.seq,
        event.epoch,
        event.entityId,
      ]);

    it('is mended: the accepted events take their places, the own ones follow in the next epoch', async () => {
      const { office, accepted, repair } = await forked(2);
      accepted.amends('s0', { cost: '14' }, { 'west@1': 1 });
      accepted.records('z');
      const { tail } = await office.ledger.branch.refork(repair());
      expect(await logOf(office)).toEqual([
        [1, 1, 's0'],
        [2, 1, 's1'],
        [3, 1, 's0'],
        [4, 1, 'z'],
        [5, 2, 's0'],
        [6, 2, 's3'],
      ]);
      expect(tail).toMatchObject({ epoch: 2, seq: 6 });
      expect(await displacedOf(office)).toEqual([3, 4]);
      await expectChained(office.ledger);
      await expectFoldedFromNothing(office.ledger);
      expect(office.told.at(-1)).toMatchObject({ last: tail });
    });

    it('leaves an open case where both lives edited blindly', async () => {
      const { office, accepted, repair } = await forked(2);
      accepted.amends('s0', { cost: '14' }, { 'west@1': 1 });
      await office.ledger.branch.refork(repair());
      const cases = await office.ledger.read.cases({ status: 'open', limit: 10 });
      expect(cases).toMatchObject([{ entityId: 's0', fields: ['cost'], base: { cost: '12.95' } }]);
      expect(cases[0]!.contenders.map(({ epoch, values }) => [epoch, values['cost']])).toEqual([
        [1, '14'],
        [2, '13'],
      ]);
    });

    it('may begin before the first event: nothing is shared', async () => {
      const { office, accepted, repair } = await forked(0);
      accepted.records('x');
      await office.ledger.branch.refork(repair());
      expect((await logOf(office)).map(([seq, epoch]) => [seq, epoch])).toEqual([
        [1, 1],
        [2, 2],
        [3, 2],
        [4, 2],
        [5, 2],
      ]);
      expect(await displacedOf(office)).toEqual([1, 2, 3, 4]);
      await expectChained(office.ledger);
      await expectFoldedFromNothing(office.ledger);
    });

    it('does not double what the head has already', async () => {
      const { office, accepted, repair } = await forked(2);
      const own = await office.ledger.read.eventsBySeq('west', 3, { count: 100, bytes: 1e9 });
      accepted.records('z');
      accepted.writes({ ...own[0]!.event, clock: { 'west@1': 4 } }); // s3, known to the head at this place
      await office.ledger.branch.refork(repair());
      expect((await logOf(office)).map(([, , entityId]) => entityId)).toEqual(['s0', 's1', 'z', 's3', 's0']);
      expect((await office.ledger.read.rows(sales, { deleted: 'with', limit: 10 })).length).toBe(4);
      await expectFoldedFromNothing(office.ledger);
    });

    it('of an entity that only the lost part knew is mended, too, and what the head wrote on it applies', async () => {
      const { office, accepted, repair } = await forked(3);
      const head = new OfficeLog('head');
      const onLost = head.amends('z', { qty: 9 }, { 'west@1': 4 }, 'west');
      await office.ledger.branch.applyFeed(START, cursor(1), fed(onLost));
      expect((await statusesOf(office)).at(-1)).toBe('parked');
      accepted.records('z');
      await office.ledger.branch.refork(repair());
      expect(await qtyOf(office, 'z')).toBe(9);
      expect(await office.ledger.read.logRow()).toMatchObject({ waiting: 0 });
      await expectFoldedFromNothing(office.ledger);
    });

    it('takes with it what waited of the own events', async () => {
      const { office, accepted, repair } = await forked(4);
      const stray = new OfficeLog('west', pointOf((await allEvents(office.ledger)).at(-1)!));
      stray.amends('s1', { qty: 1 }, { 'west@1': 2, 'head@1': 7 });
      await office.ledger.branch.restoreOwn(
        stray.events.length ? (await office.ledger.read.logRow()).tail : START_OF_CHAIN,
        stray.events,
      );
      expect(await office.ledger.read.logRow()).toMatchObject({ waiting: 1 });
      accepted.records('z');
      await office.ledger.branch.refork(repair());
      expect(await office.ledger.read.logRow()).toMatchObject({ waiting: 1 }); // written again, it waits for the same
      await expectFoldedFromNothing(office.ledger);
    });

    it('goes on selling in its new epoch', async () => {
      const { office, accepted, repair } = await forked(2);
      accepted.records('z');
      await office.ledger.branch.refork(repair());
      expect(await office.ledger.submit(record('later'))).toMatchObject({
        logged: { event: { seq: 6, epoch: 2 } },
      });
      expect(await office.ledger.submit(amend('s0', { qty: 4 }))).toMatchObject({
        logged: { event: { clock: { 'west@1': 1, 'west@2': 7 } } },
      });
      await expectChained(office.ledger);
      await expectFoldedFromNothing(office.ledger);
    });

    it('is mended as a whole, or not at all', async () => {
      const { failPoint, fail } = failing();
      const { office, accepted, repair } = await forked(2, { failPoint });
      accepted.records('z');
      fail();
      expect(await failureOf(office.ledger.branch.refork(repair()))).not.toBeNull();
      expect((await expectChained(office.ledger)).length).toBe(4);
      expect(await displacedOf(office)).toEqual([]);
      await expectFoldedFromNothing(office.ledger);
      await office.ledger.branch.refork(repair());
      expect((await expectChained(office.ledger)).length).toBe(5);
      await expectFoldedFromNothing(office.ledger);
    });

    it('keeps the log locked for a few questions only, whatever the number of entities', async () => {
      const asked: string[] = [];
      const wrap = (store: Store) => withWork(store, (tx) => noting(tx, asked));
      const office = await west({ wrap });
      await office.ledger.submit(record('shared'));
      const questionsAfter = async (sales: number) => {
        const from = (await office.ledger.read.logRow()).tail;
        const ids = Array.from({ length: sales }, (_, index) => `${sales}-${index}`);
        await office.ledger.submitAll(ids.flatMap((id) => [record(id), amend(id, { cost: '13' })]));
        asked.length = 0;
        await office.ledger.branch.refork({ common: from, tail: [], end: from, epoch: from.epoch + 1 });
        return [...asked];
      };
      const few = await questionsAfter(2);
      expect(await questionsAfter(120)).toEqual(few);
      await expectFoldedFromNothing(office.ledger);
    });

    it('is not mended on top of another history', async () => {
      const { office, accepted, repair } = await forked(2);
      accepted.records('z');
      const elsewhere = { ...repair(), common: { epoch: 1, seq: 2, hash: new Uint8Array(32) } };
      expect(await failureOf(office.ledger.branch.refork(elsewhere))).toMatchObject({ type: 'log-moved' });
      expect((await expectChained(office.ledger)).length).toBe(4);
    });
  });
}
