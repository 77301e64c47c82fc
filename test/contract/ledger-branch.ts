import { type ChainPoint, START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { sales } from '../../domain/datasets/sales.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { FeedCursor, FedEvent } from '../../domain/sync/messages.ts';
import type { Refork } from '../../mixins/ledger/repair-tx.ts';
import type { Store } from '../../mixins/store/store.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { amend, record } from './ledger-append.ts';
import { allEvents, expectChained, expectFoldedFromNothing, toHex } from './ledger-checks.ts';
import {
  failureOf,
  type LedgerWorld,
  noting,
  type Office,
  type OfficeOptions,
  withWork,
} from './ledger-world.ts';

const START: FeedCursor = { feedEpoch: 1, position: 0, hash: ZERO_HASH };

function fed(...events: (LoggedEvent & { at?: number })[]): FedEvent[] {
  return events.map(({ bytes, hash, at }, index) => ({ position: at ?? index + 1, bytes, hash }));
}

function cursor(position: number, feedEpoch = 1): FeedCursor {
  return { feedEpoch, position, hash: new Uint8Array(32).fill(position) };
}

function pointOf({ event, hash }: LoggedEvent): ChainPoint {
  return { epoch: event.epoch, seq: event.seq, hash };
}

/** What the end of the link asks of a branch's database. */
export function branchContract(world: LedgerWorld): void {
  /** West, which knows whose branch it is. */
  async function west(options: OfficeOptions = {}): Promise<Office> {
    const office = await world.office(options);
    await office.ledger.branch.locate('head', 1, 0);
    return office;
  }

  const qtyOf = async ({ ledger }: Office, id: string) =>
    (await ledger.read.rowsById(sales, id))[0]?.values['qty'] ?? null;
  const statusesOf = async ({ ledger }: Office) => (await allEvents(ledger)).map(({ status }) => status);

  /** Fails the next transaction just before it is committed. */
  function failing(): { failPoint: NonNullable<OfficeOptions['failPoint']>; fail: () => void } {
    let isDue = false;
    const failPoint = (name: string) => {
      if (name !== 'before-commit' || !isDue) return;
      isDue = false;
      throw new Error('the process ends here');
    };
    return { failPoint, fail: () => (isDue = true) };
  }

  describe('the feed at a branch', () => {
    it('is applied, and the cursor moves with it', async () => {
      const [office, head] = [await west(), new OfficeLog('head')];
      const events = fed(head.records('a', { scope: 'west' }), head.records('b', { scope: 'shared' }));
      await office.ledger.branch.applyFeed(START, cursor(5), events);
      expect(await office.ledger.read.logRow()).toMatchObject({
        feed: cursor(5),
        position: 2,
        tail: { seq: 0 },
      });
      expect([await qtyOf(office, 'a'), await qtyOf(office, 'b')]).toEqual([73, 73]);
      expect(office.told.at(-1)).toMatchObject({ last: { seq: 0 }, position: 2 });
      await expectFoldedFromNothing(office.ledger);
    });

    it('is applied with the cursor, or not at all', async () => {
      const { failPoint, fail } = failing();
      const [office, head] = [await west({ failPoint }), new OfficeLog('head')];
      const events = fed(head.records('a', { scope: 'west' }));
      fail();
      expect(await failureOf(office.ledger.branch.applyFeed(START, cursor(5), events))).not.toBeNull();
      expect(await office.ledger.read.logRow()).toMatchObject({ feed: START, position: 0 });
      expect((await allEvents(office.ledger)).length).toBe(0);
      expect([await qtyOf(office, 'a'), office.told]).toEqual([null, []]);
      await office.ledger.branch.applyFeed(START, cursor(5), events);
      expect(await office.ledger.read.logRow()).toMatchObject({ feed: cursor(5), position: 1 });
      await expectFoldedFromNothing(office.ledger);
    });

    it.each([
      ['place', cursor(4)],
      ['life', { ...START, feedEpoch: 2 }],
    ])('is not applied from another %s than the cursor’s', async (_, from) => {
      const [office, head] = [await west(), new OfficeLog('head')];
      const applied = office.ledger.branch.applyFeed(
        from,
        cursor(9),
        fed(head.records('a', { scope: 'west' })),
      );
      expect(await failureOf(applied)).toMatchObject({ type: 'feed-moved' });
      expect(await office.ledger.read.logRow()).toMatchObject({ feed: START, position: 0 });
    });

    it('passes over what is held, and over own events', async () => {
      const [office, head] = [await west(), new OfficeLog('head')];
      await office.ledger.submit(record('own'));
      const [own] = await allEvents(office.ledger);
      const one = head.records('a', { scope: 'west' });
      await office.ledger.branch.applyFeed(START, cursor(1), fed(one));
      await office.ledger.branch.applyFeed(
        cursor(1),
        cursor(4),
        fed(one, own!, head.records('b', { scope: 'west' })),
      );
      expect((await allEvents(office.ledger)).map(({ event }) => event.entityId)).toEqual(['own', 'a', 'b']);
      await expectFoldedFromNothing(office.ledger);
    });

    it('is waited for by a sale whose own changes came back before it', async () => {
      const [office, head, own] = [await west(), new OfficeLog('head'), new OfficeLog('west')];
      const byHead = head.writes({
        entityId: 'a',
        scope: 'west',
        type: 'SaleAmended',
        data: { qty: 4 },
        clock: { 'west@1': 1, 'head@1': 1 },
      });
      const events = [own.records('a'), own.amends('a', { qty: 5 }, { 'head@1': 1 })];
      await office.ledger.branch.restoreOwn(START_OF_CHAIN, events);
      expect(await statusesOf(office)).toEqual(['applied', 'parked']);
      expect(await failureOf(office.ledger.submit(amend('a', { qty: 6 })))).toMatchObject({
        type: 'entity-waiting',
      });
      await office.ledger.submit(record('b'));
      await office.ledger.branch.applyFeed(START, cursor(1), fed(byHead));
      expect(await qtyOf(office, 'a')).toBe(5);
      await office.ledger.submit(amend('a', { qty: 6 }));
      expect(await qtyOf(office, 'a')).toBe(6);
      await expectFoldedFromNothing(office.ledger);
    });

    it('that rewrites history stops', async () => {
      const office = await west();
      const [head, other] = [new OfficeLog('head'), new OfficeLog('head')];
      await office.ledger.branch.applyFeed(START, cursor(1), fed(head.records('a', { scope: 'west' })));
      const rewritten = fed(other.records('a', { scope: 'west', actor: 'eva' }));
      const applied = office.ledger.branch.applyFeed(cursor(1), cursor(2), rewritten);
      expect(await failureOf(applied)).toMatchObject({
        type: 'history-contradicted',
        data: { dot: 'head@1:1' },
      });
      expect(await office.ledger.read.logRow()).toMatchObject({ feed: cursor(1) });
    });

    it('opens a case where both sides edited blindly, with what both had seen', async () => {
      const [office, head] = [await west(), new OfficeLog('head')];
      await office.ledger.submitAll([record('a'), amend('a', { cost: '13' })]);
      const blind = head.writes({
        entityId: 'a',
        scope: 'west',
        type: 'SaleAmended',
        data: { cost: '14' },
        clock: { 'west@1': 1, 'head@1': 1 },
      });
      await office.ledger.branch.applyFeed(START, cursor(1), fed(blind));
      const [open, ...others] = await office.ledger.read.cases({ limit: 10 });
      expect(others).toEqual([]);
      expect(open).toMatchObject({
        entityId: 'a',
        status: 'open',
        fields: ['cost'],
        base: { cost: '12.95' },
      });
      expect(office.told.at(-1)!.cases).toEqual([open!.id]);
      expect((await office.ledger.read.rowsById(sales, 'a'))[0]).toMatchObject({ conflicted: true });
      await expectFoldedFromNothing(office.ledger);
    });

    it('opens it as well where both sides come in one run', async () => {
      const office = await west();
      const [east, head] = [new OfficeLog('east'), new OfficeLog('head')];
      const recorded = east.records('a');
      await office.ledger.branch.applyFeed(START, cursor(1), fed(recorded));
      const both = [
        east.amends('a', { cost: '13' }, { 'east@1': 1 }),
        head.writes({
          entityId: 'a',
          scope: 'east',
          type: 'SaleAmended',
          data: { cost: '14' },
          clock: { 'east@1': 1, 'head@1': 1 },
        }),
      ];
      await office.ledger.branch.applyFeed(cursor(1), cursor(3), fed(...both));
      expect(await office.ledger.read.cases({ limit: 10 })).toMatchObject([
        { fields: ['cost'], base: { cost: '12.95' } },
      ]);
      await expectFoldedFromNothing(office.ledger);
    });
  });

  describe('events that wait', () => {
    it('are parked until their causes come, with their entity only', async () => {
      const office = await west();
      const [east, head] = [new OfficeLog('east'), new OfficeLog('head')];
      const recorded = east.records('a');
      const byHead = head.writes({
        entityId: 'a',
        scope: 'east',
        type: 'SaleAmended',
        data: { qty: 1 },
        clock: { 'east@1': 1, 'head@1': 1 },
      });
      const later = head.writes({
        entityId: 'a',
        scope: 'east',
        type: 'SaleAmended',
        data: { qty: 2 },
        clock: { 'east@1': 1, 'head@1': 2 },
      });
      await office.ledger.branch.applyFeed(
        START,
        cursor(3),
        fed(byHead, later, head.records('b', { scope: 'shared' })),
      );
      expect(await statusesOf(office)).toEqual(['parked', 'parked', 'applied']);
      expect(await office.ledger.read.waiting(0, 10)).toMatchObject([
        { position: 1, status: 'parked', reason: 'cause-missing', entityId: 'a', scope: 'east' },
        { position: 2, status: 'parked', reason: 'cause-missing' },
      ]);
      expect([await qtyOf(office, 'a'), await qtyOf(office, 'b')]).toEqual([null, 73]);
      await expectFoldedFromNothing(office.ledger);
      await office.ledger.branch.applyFeed(cursor(3), cursor(4), fed(recorded));
      expect(await statusesOf(office)).toEqual(['applied', 'applied', 'applied', 'applied']);
      expect(await qtyOf(office, 'a')).toBe(2);
      expect(await office.ledger.read.logRow()).toMatchObject({ waiting: 0 });
      await expectFoldedFromNothing(office.ledger);
    });

    it('are quarantined when their author may not have written them, and are kept', async () => {
      const office = await west();
      const east = new OfficeLog('east');
      const stolen = east.records('a', { scope: 'west' });
      const senseless = east.amends('b', { qty: 1 });
      const strange = east.records('c', { dataset: 'weather', type: 'WeatherRecorded' });
      const future = east.records('d', { version: 9 });
      await office.ledger.branch.applyFeed(
        START,
        cursor(5),
        fed(stolen, senseless, strange, future, east.records('e')),
      );
      expect(await statusesOf(office)).toEqual([
        'quarantined',
        'quarantined',
        'quarantined',
        'parked',
        'applied',
      ]);
      const waiting = await office.ledger.read.waiting(0, 10);
      expect(waiting.map(({ reason }) => reason)).toEqual([
        'not-allowed',
        'never-recorded',
        'unknown-dataset',
        'version-unknown',
      ]);
      expect(await office.ledger.read.logRow()).toMatchObject({ waiting: 4, position: 5, feed: cursor(5) });
      await expectFoldedFromNothing(office.ledger);
    });

    it('do not stand in the way of what this office writes itself', async () => {
      const [office, head] = [await west(), new OfficeLog('head')];
      const early = head.writes({
        entityId: 'a',
        scope: 'west',
        type: 'SaleAmended',
        data: { qty: 1 },
        clock: { 'west@1': 1, 'head@1': 1 },
      });
      await office.ledger.branch.applyFeed(START, cursor(1), fed(early));
      expect(await office.ledger.submit(record('a'))).toMatchObject({ logged: { event: { seq: 1 } } });
      expect((await allEvents(office.ledger)).length).toBe(2);
    });
  });

  describe('own events that come back', () => {
    const history = (length: number): OfficeLog => {
      const log = new OfficeLog('west');
      for (let i = 0; i < length; i++) log.records(`s${i}`);
      return log;
    };

    it('are in the log and the tables again, and the log goes on after them', async () => {
      const [office, log] = [await west(), history(7)];
      await office.ledger.branch.restoreOwn(START_OF_CHAIN, log.events.slice(0, 4));
      const { tail } = await office.ledger.branch.restoreOwn(log.pointAt(4), log.events.slice(4));
      expect(tail).toEqual(log.end);
      await office.ledger.submit(record('new'));
      expect((await expectChained(office.ledger)).length).toBe(8);
      expect(office.told.at(-1)).toMatchObject({ last: { seq: 8 } });
      await expectFoldedFromNothing(office.ledger);
    });

    it('do not go into a log that has grown meanwhile', async () => {
      const [office, log] = [await west(), history(3)];
      await office.ledger.submit(record('new'));
      const restored = office.ledger.branch.restoreOwn(START_OF_CHAIN, log.events);
      expect(await failureOf(restored)).toMatchObject({ type: 'log-moved' });
      expect((await expectChained(office.ledger)).length).toBe(1);
    });
  });

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
      const onLost = head.writes({
        entityId: 'z',
        scope: 'west',
        type: 'SaleAmended',
        data: { qty: 9 },
        clock: { 'west@1': 4, 'head@1': 1 },
      });
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

  describe('the tail of a fenced copy', () => {
    /** The live copy went on from the second sale on; so did the other one. */
    async function live(
      common = 2,
    ): Promise<{ office: Office; copy: OfficeLog; adopt: (epoch: number) => Promise<unknown> }> {
      const office = await west();
      await office.ledger.submitAll([record('s0'), record('s1'), amend('s0', { cost: '13' })]);
      const own = await allEvents(office.ledger);
      const shared = common === 0 ? START_OF_CHAIN : pointOf(own[common - 1]!);
      const copy = new OfficeLog('west', shared);
      const adopt = (epoch: number) =>
        office.ledger.branch.adopt({
          kind: 'adopt',
          nonce: 'n',
          from: 'i2/n2',
          epoch,
          common: shared,
          events: copy.bytes,
        });
      return { office, copy, adopt };
    }

    it('is written again by the live copy', async () => {
      const { office, copy, adopt } = await live();
      copy.amends('s0', { cost: '14' }, { 'west@1': 1 });
      copy.records('c');
      await adopt(2);
      const rows = await expectChained(office.ledger);
      expect(rows.map(({ event }) => [event.epoch, event.entityId])).toEqual([
        [1, 's0'],
        [1, 's1'],
        [1, 's0'],
        [2, 's0'],
        [2, 'c'],
      ]);
      expect(await office.ledger.read.cases({ status: 'open', limit: 10 })).toMatchObject([
        { entityId: 's0', fields: ['cost'] },
      ]);
      expect(office.told.at(-1)).toMatchObject({ last: { seq: 5, epoch: 2 } });
      await expectFoldedFromNothing(office.ledger);
    });

    it('that comes twice is written once', async () => {
      const { office, copy, adopt } = await live();
      copy.amends('s0', { cost: '14' }, { 'west@1': 1 });
      copy.records('c');
      await adopt(2);
      await adopt(3);
      expect((await expectChained(office.ledger)).length).toBe(5);
      copy.records('d'); // one more has been sold before the copy stood still
      await adopt(4);
      expect((await expectChained(office.ledger)).map(({ event }) => event.epoch)).toEqual([
        1, 1, 1, 2, 2, 4,
      ]);
      await expectFoldedFromNothing(office.ledger);
    });

    it('that the live copy has as well is not written again', async () => {
      const { office, copy, adopt } = await live();
      (await allEvents(office.ledger)).slice(2).forEach(({ event }) => copy.writes(event));
      await adopt(2);
      expect((await expectChained(office.ledger)).length).toBe(3);
      copy.records('c');
      await adopt(3);
      expect((await expectChained(office.ledger)).map(({ event }) => event.entityId)).toEqual([
        's0',
        's1',
        's0',
        'c',
      ]);
    });

    it('that uses an id for something else keeps both', async () => {
      const { office, copy, adopt } = await live();
      const [own] = (await allEvents(office.ledger)).slice(2);
      copy.writes({ ...own!.event, data: { cost: '99' } });
      await adopt(2);
      await adopt(3);
      const rows = await expectChained(office.ledger);
      expect(rows.map(({ event }) => event.data['cost'])).toEqual(['12.95', '12.95', '13', '99']);
      expect(new Set(rows.map(({ event }) => event.id)).size).toBe(4);
      await expectFoldedFromNothing(office.ledger);
    });

    it('may share nothing with the live copy', async () => {
      const { office, copy, adopt } = await live(0);
      copy.records('c');
      await adopt(2);
      expect((await expectChained(office.ledger)).map(({ event }) => event.entityId)).toEqual([
        's0',
        's1',
        's0',
        'c',
      ]);
      await expectFoldedFromNothing(office.ledger);
    });

    it('that does not follow from this log is not taken', async () => {
      const { office, copy } = await live();
      copy.records('c');
      const common = { epoch: 1, seq: 2, hash: new Uint8Array(32).fill(1) };
      const adopted = office.ledger.branch.adopt({
        kind: 'adopt',
        nonce: 'n',
        from: 'i2/n2',
        epoch: 2,
        common,
        events: copy.bytes,
      });
      expect(await failureOf(adopted)).toMatchObject({ type: 'log-moved' });
      expect((await expectChained(office.ledger)).length).toBe(3);
    });
  });

  describe('a fenced copy', () => {
    it('sells no more, and hands over what was not acknowledged, as often as it is asked', async () => {
      const office = await west();
      await office.ledger.submitAll([record('s0'), record('s1'), record('s2')]);
      const rows = await allEvents(office.ledger);
      await office.ledger.branch.saveAcked(pointOf(rows[0]!), 0);
      const handedOver = { common: pointOf(rows[0]!), events: rows.slice(1).map(({ bytes }) => bytes) };
      const { session } = await office.store.read.logRow();
      await expect(office.ledger.branch.fence(session + 1)).rejects.toMatchObject({ type: 'second-process' });
      expect((await office.store.read.logRow()).hold).toBe('none');
      expect(await office.ledger.branch.fence(session)).toEqual(handedOver);
      expect(await failureOf(office.ledger.submit(record('s3')))).toMatchObject({ type: 'office-fenced' });
      expect(await office.ledger.branch.fence(session)).toEqual(handedOver);
      expect(await office.ledger.read.logRow()).toMatchObject({ hold: 'fenced', tail: { seq: 3 } });
    });
  });

  describe('a greeting of a branch', () => {
    it('says where the office stands', async () => {
      const [office, head] = [await west(), new OfficeLog('head')];
      expect(await office.ledger.branch.greetingPosition()).toEqual({
        session: 1,
        last: START_OF_CHAIN,
        acked: START_OF_CHAIN,
        feed: START,
        headTips: [],
      });
      await office.ledger.submitAll([record('s0'), record('s1')]);
      for (let i = 0; i < 5; i++) head.records(`h${i}`, { scope: 'west' });
      await office.ledger.branch.applyFeed(START, cursor(9), fed(...head.events));
      const rows = await expectChained(office.ledger);
      await office.ledger.branch.saveAcked(pointOf(rows[0]!), 1);
      const { headTips, ...position } = await office.ledger.branch.greetingPosition();
      expect(position).toEqual({
        session: 1,
        last: pointOf(rows[1]!),
        acked: pointOf(rows[0]!),
        feed: cursor(9),
      });
      expect(headTips[0]).toEqual(pointOf(head.events[4]!));
      expect(headTips.map(({ seq }) => seq)).toEqual([5, 4, 3, 1]);
    });

    it('remembers the session and the head, and finds the own place where the head stands', async () => {
      const office = await world.office();
      await office.ledger.submitAll([record('s0'), record('s1')]);
      const rows = await allEvents(office.ledger);
      const found = await Promise.all([0, 1, 2, 3].map((seq) => office.ledger.branch.locate('head', 7, seq)));
      expect(found.map((hash) => hash && toHex(hash))).toEqual([
        toHex(ZERO_HASH),
        toHex(rows[0]!.hash),
        toHex(rows[1]!.hash),
        null,
      ]);
      expect(await office.ledger.read.logRow()).toMatchObject({ session: 7, headOffice: 'head' });
    });

    it('is remembered: when the head was last heard', async () => {
      const stranger = await world.office();
      await stranger.ledger.branch.saveContact(1_000); // before it knows whose branch it is
      expect(await stranger.ledger.branch.lastContactAtMs()).toBe(0);
      const office = await west();
      await office.ledger.branch.saveContact(1_775_044_800_000);
      await office.ledger.branch.saveContact(1_775_044_860_000);
      expect(await office.ledger.branch.lastContactAtMs()).toBe(1_775_044_860_000);
      expect(await office.ledger.read.logRow()).toMatchObject({ session: 1, headOffice: 'head' });
    });

    it('with another head than ever before is refused, naming the setting', async () => {
      const office = await west();
      expect(await failureOf(office.ledger.branch.locate('capital', 2, 0))).toMatchObject({
        type: 'another-head',
        message: expect.stringMatching(/LINK_URL/),
        data: { expected: 'head', actual: 'capital' },
      });
    });
  });

  describe('comparing with what the head holds', () => {
    async function sold(): Promise<{ office: Office; log: OfficeLog }> {
      const [office, log] = [await west(), new OfficeLog('west')];
      for (let i = 0; i < 4; i++) log.records(`s${i}`);
      await office.ledger.branch.restoreOwn(START_OF_CHAIN, log.events);
      return { office, log };
    }

    const own = (log: OfficeLog, afterSeq: number, before = log.pointAt(afterSeq).hash) => ({
      kind: 'own' as const,
      nonce: 'n',
      afterSeq,
      before,
      events: log.bytes.slice(afterSeq),
      end: log.end,
    });

    it('finds the last common place, and what follows there', async () => {
      const { office, log } = await sold();
      log.records('more');
      const matched = await office.ledger.branch.matchOwn('west', own(log, 1), []);
      expect([matched.common.seq, matched.rest.map(({ event }) => event.entityId)]).toEqual([4, ['more']]);
    });

    it('finds nothing common where even the beginning differs', async () => {
      const { office, log } = await sold();
      const matched = await office.ledger.branch.matchOwn('west', own(log, 2, new Uint8Array(32)), []);
      expect(matched).toEqual({ common: START_OF_CHAIN, rest: [] });
    });

    it('only chains on to a tail that was found before', async () => {
      const { office, log } = await sold();
      const matched = await office.ledger.branch.matchOwn('west', own(log, 2), log.events.slice(0, 2));
      expect([matched.common.seq, matched.rest.length]).toEqual([2, 2]);
      const broken = office.ledger.branch.matchOwn(
        'west',
        own(log, 2, new Uint8Array(32)),
        log.events.slice(0, 2),
      );
      expect(await failureOf(broken)).not.toBeNull();
    });
  });

  describe('reading for the link', () => {
    it('gives own events with the hashes around them, a batch at a time', async () => {
      const office = await west();
      await office.ledger.submitAll(Array.from({ length: 700 }, (_, i) => record(`s${i}`)));
      const first = await office.ledger.branch.readOwn('west', 0);
      const second = await office.ledger.branch.readOwn('west', first.after.seq);
      const short = await office.ledger.branch.readOwn('west', 0, 4_000);
      const shortBytes = short.events.reduce((sum, event) => sum + event.length, 0);
      expect(Math.abs(shortBytes - 4_000)).toBeLessThanOrEqual(short.events[0]!.length);
      expect((await office.ledger.branch.readOwn('west', 0, 1)).events).toHaveLength(1);
      expect([first.before, first.after.seq, first.events.length]).toEqual([START_OF_CHAIN, 500, 500]);
      expect([second.before, second.after.seq, second.events.length]).toEqual([first.after, 700, 200]);
      expect(await office.ledger.branch.readOwn('west', 700)).toMatchObject({
        events: [],
        after: second.after,
      });
      expect(await failureOf(office.ledger.branch.readOwn('west', 701))).toMatchObject({ type: 'log-moved' });
    });

    it('gives the head’s events after one of them, in pages', async () => {
      const [office, head] = [await west(), new OfficeLog('head')];
      for (let i = 0; i < 600; i++) head.records(`h${i}`, { scope: 'west' });
      await office.ledger.branch.applyFeed(START, cursor(600), fed(...head.events));
      const pages = async (tip: Parameters<typeof office.ledger.branch.headEventsAfter>[0]) => {
        const lengths: number[] = [];
        for await (const page of office.ledger.branch.headEventsAfter(tip)) lengths.push(page.length);
        return lengths.reduce((sum, length) => sum + length, 0);
      };
      expect(await pages(null)).toBe(600);
      expect(await pages(pointOf(head.events[99]!))).toBe(500);
    });
  });
}
