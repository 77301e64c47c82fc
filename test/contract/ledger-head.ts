import { ZERO_HASH } from '../../domain/chain.ts';
import { errorType } from '../../domain/errors.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { amend, record } from './ledger-commands.ts';
import { allEvents, expectChained, expectFoldedFromNothing } from './ledger-checks.ts';
import { failureOf, type LedgerWorld } from './ledger-world.ts';
import { HEAD, headsOf, logOf } from './ledger-head-world.ts';

/** What else the end of the link asks of the head's database. */
export function headContract(world: LedgerWorld): void {
  const headWith = headsOf(world);

  describe('offices', () => {
    it('are added once', async () => {
      const head = await headWith();
      expect(
        await failureOf(head.ledger.addOffice({ office: 'west', name: 'W', subscribe: 'all' })),
      ).toMatchObject({ type: 'office-exists' });
      expect(
        await failureOf(head.ledger.addOffice({ office: 'head', name: 'H', subscribe: 'all' })),
      ).toMatchObject({ type: 'office-exists' });
      const atOnce = Array.from({ length: 5 }, () =>
        head.ledger.addOffice({ office: 'north', name: 'N', subscribe: 'own' }),
      );
      const outcomes = await Promise.allSettled(atOnce);
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
      expect((await head.ledger.read.offices()).map(({ office }) => office)).toEqual([
        'east',
        'north',
        'west',
      ]);
    });

    it.each(['shared', 'West', 'w', '1west', 'we st', `x${'y'.repeat(32)}`])(
      'are not called "%s"',
      async (office) => {
        const head = await world.office(HEAD);
        const added = head.ledger.addOffice({ office, name: 'x', subscribe: 'own' });
        expect(await failureOf(added)).toMatchObject({ type: 'invalid-office-id' });
      },
    );

    it('that nobody knows cannot be retired', async () => {
      const head = await headWith();
      expect(await failureOf(head.ledger.retireOffice('north'))).toMatchObject({ type: 'unknown-office' });
    });
  });

  describe('what a branch asks for', () => {
    it('is its subscription, in pages, and where the cursor stands after them', async () => {
      const [head, east] = [await headWith(), logOf('east', 40)];
      await head.ledger.submitAll(
        Array.from({ length: 600 }, (_, i) => record(`h${i}`, {}, i % 2 === 0 ? 'west' : 'shared')),
      );
      await head.ledger.head.applyBatch(east.after(0));
      const first = await head.ledger.head.feedOf('west', 'own', 0);
      expect([first.events.length, first.end, first.upTo.position]).toEqual([500, false, 500]);
      const second = await head.ledger.head.feedOf('west', 'own', 500);
      expect([second.events.length, second.end, second.upTo.position]).toEqual([100, true, 640]);
      expect(second.upTo.hash).toEqual((await head.ledger.read.eventAt(640))!.hash);
      expect(await head.ledger.head.feedOf('west', 'own', 640)).toMatchObject({
        events: [],
        end: true,
        upTo: { position: 640 },
      });
      expect(await head.ledger.head.beaconFor('west', 'own')).toMatchObject({
        feedEpoch: 1,
        feedEnd: 600,
        position: 640,
      });
    });

    it('holds what the others wrote for who sees everything, and never its own', async () => {
      const [head, east, west] = [await headWith(), logOf('east', 2), logOf('west', 3)];
      await head.ledger.submit(record('h'));
      await head.ledger.head.applyBatch(east.after(0));
      await head.ledger.head.applyBatch(west.after(0));
      const positions = async (office: string, subscribe: 'own' | 'all') =>
        (await head.ledger.head.feedOf(office, subscribe, 0)).events.map(({ position }) => position);
      expect(await positions('east', 'all')).toEqual([1, 4, 5, 6]);
      expect(await positions('west', 'own')).toEqual([1]);
      expect(await positions('east', 'own')).toEqual([]);
    });

    it('may be its own events, with the hash before them', async () => {
      const [head, west] = [await headWith(), logOf('west', 600)];
      await head.ledger.head.applyBatch(west.after(0, 300));
      await head.ledger.head.applyBatch(west.after(300));
      const first = await head.ledger.head.ownOf('west', 0);
      expect([first.before, first.events.length, first.end]).toEqual([
        ZERO_HASH,
        LIMITS.fetchEvents,
        west.end,
      ]);
      const rest = await head.ledger.head.ownOf('west', 500);
      expect(rest).toMatchObject({
        afterSeq: 500,
        before: west.pointAt(500).hash,
        events: west.bytes.slice(500),
      });
      expect(errorType(await failureOf(head.ledger.head.ownOf('west', 601)))).toBe('log-moved');
    });
  });

  describe('events that a restored head gets back', () => {
    it('are kept under their old names, once, and the log goes on in a life of its own', async () => {
      const head = await headWith();
      const lost = new OfficeLog('head', { epoch: 5, seq: 3, hash: new Uint8Array(32).fill(3) });
      lost.records('a', { scope: 'west' });
      lost.amends('b', { qty: 1 }); // of something that it does not hold yet
      await head.ledger.head.applyReturned(lost.events);
      await head.ledger.head.applyReturned(lost.events);
      expect(await head.ledger.read.logRow()).toMatchObject({ position: 2, tail: { seq: 0 } });
      const { logged } = await head.ledger.submit(amend('a', { qty: 9 }));
      expect(logged!.event).toMatchObject({
        seq: 1,
        clock: { 'head@5': 4, [`head@${logged!.event.epoch}`]: 1 },
      });
      expect(logged!.event.epoch).toBeGreaterThan(5);
      await expectFoldedFromNothing(head.ledger);
    });

    it('are refused when another office wrote them', async () => {
      const [head, west] = [await headWith(), logOf('west', 1)];
      expect(await failureOf(head.ledger.head.applyReturned(west.events))).toMatchObject({
        type: 'batch-refused',
      });
      expect((await allEvents(head.ledger)).length).toBe(0);
    });
  });

  describe('a life of the head', () => {
    it('begins with the first event of each process', async () => {
      const first = await world.office(HEAD);
      const one = await first.ledger.submit(record('a'));
      const two = await first.ledger.submit(record('b'));
      expect(two.logged!.event.epoch).toBe(one.logged!.event.epoch);
      await first.close();
      const second = await world.office(HEAD);
      const three = await second.ledger.submit(record('c'));
      expect(three.logged!.event.epoch).toBeGreaterThan(two.logged!.event.epoch);
      expect((await expectChained(second.ledger)).length).toBe(3);
    });
  });
}
