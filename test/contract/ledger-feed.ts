import { START_OF_CHAIN } from '../../domain/chain.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { amend, record } from './ledger-commands.ts';
import { cursor, failing, fed, qtyOf, START, statusesOf, westOf } from './ledger-branch-office.ts';
import { allEvents, expectChained, expectFoldedFromNothing } from './ledger-checks.ts';
import { failureOf, type LedgerWorld, type OfficeOptions } from './ledger-world.ts';

/** What comes to a branch: the feed, and own events that it had lost. */
export function feedContract(world: LedgerWorld): void {
  const west = (options?: OfficeOptions) => westOf(world, options);

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
      const byHead = head.amends('a', { qty: 4 }, { 'west@1': 1 }, 'west');
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
      const blind = head.amends('a', { cost: '14' }, { 'west@1': 1 }, 'west');
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
        head.amends('a', { cost: '14' }, { 'east@1': 1 }, 'east'),
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
      const byHead = head.amends('a', { qty: 1 }, { 'east@1': 1 }, 'east');
      const later = head.amends('a', { qty: 2 }, { 'east@1': 1 }, 'east');
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
      const early = head.amends('a', { qty: 1 }, { 'west@1': 1 }, 'west');
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
}
