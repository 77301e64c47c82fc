import { DISCARDS } from '../../domain/datasets/event-types.ts';
import { dotName, dotOf, type LoggedEvent } from '../../domain/event.ts';
import { discardKeyOf } from '../../domain/office/discard.ts';
import { encodeState } from '../../domain/office/present.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { fed, qtyOf, START, statusesOf, westOf } from './ledger-branch-office.ts';
import { amend } from './ledger-commands.ts';
import { allEvents, expectFoldedFromNothing } from './ledger-checks.ts';
import { failureOf, type LedgerWorld, type Office } from './ledger-world.ts';
import { headsOf } from './ledger-head-world.ts';
import { GOOD, poisoned } from './ledger-poison.ts';

const discard = ({ event }: LoggedEvent, head = 'head') => ({
  command: {
    type: 'discard-event' as const,
    ...discardKeyOf(event, head),
    event: dotOf(event),
    why: 'typed by a robot',
  },
  actor: 'ann',
});

/** What a ledger does with an event that the head discards: everywhere the same, and for good. */
export function discardContract(world: LedgerWorld): void {
  const headWith = headsOf(world);
  const fromHead = async ({ ledger }: Office) =>
    (await allEvents(ledger)).filter(({ event }) => event.office === 'head');

  describe('discarding an event', () => {
    it('sets it aside: it is kept, writes nothing, and what waited for it is applied', async () => {
      const [head, { west, poison }] = [await headWith(), poisoned()];
      await head.ledger.head.applyBatch(west.after(0));
      const before = await head.ledger.head.quarantineOf('west');
      expect(before.count).toBe(1);
      await head.ledger.submit(discard(poison));
      expect(await statusesOf(head)).toEqual(['applied', 'discarded', 'applied', 'applied', 'applied']);
      expect(await qtyOf(head, 'a')).toBe(5);
      expect(await head.ledger.read.logRow()).toMatchObject({ waiting: 0, position: 5, tail: { seq: 1 } });
      expect(await head.ledger.read.waiting(0, 10)).toEqual([]);
      expect(await head.ledger.head.quarantineOf('west')).toEqual({ count: 0, items: [] });
      const [written] = await fromHead(head);
      expect(written!.event).toMatchObject({
        type: 'EventDiscarded',
        dataset: DISCARDS,
        scope: 'west',
        entityId: dotName(poison.event),
        actor: 'ann',
        data: { event: dotOf(poison.event), why: 'typed by a robot' },
      });
      await expectFoldedFromNothing(head.ledger);
    });

    it.each([
      ['that is applied', 'event-applied', 1],
      ['that nobody holds', 'unknown-event', 9],
    ])('%s is refused', async (_, type, seq) => {
      const [head, { west, poison }] = [await headWith(), poisoned()];
      await head.ledger.head.applyBatch(west.after(0));
      const command = discard({ ...poison, event: { ...poison.event, seq } });
      expect(await failureOf(head.ledger.submit(command))).toMatchObject({ type });
      expect(await fromHead(head)).toEqual([]);
    });

    it('is done once, also when two ask at the same time', async () => {
      const [head, { west, poison }] = [await headWith(), poisoned()];
      await head.ledger.head.applyBatch(west.after(0));
      const outcomes = await head.ledger.submitAll([discard(poison), discard(poison)]);
      expect(outcomes.map((one) => one.ok)).toEqual([true, false]);
      expect(outcomes[1]).toMatchObject({ error: { type: 'event-discarded' } });
      expect(await failureOf(head.ledger.submit(discard(poison)))).toMatchObject({ type: 'event-discarded' });
      expect(await failureOf(head.ledger.judgeAgain(poison.event))).toMatchObject({
        type: 'event-discarded',
      });
      expect(await fromHead(head)).toHaveLength(1);
    });

    it('is not a branch’s to do', async () => {
      const west = await westOf(world);
      const log = new OfficeLog('west');
      const poison = log.records('x', { scope: 'east' });
      expect(await failureOf(west.ledger.submit(discard(poison)))).toMatchObject({
        type: 'only-at-the-head',
      });
      expect(await allEvents(west.ledger)).toEqual([]);
    });

    it('takes back what the author’s own office had applied, and both hold the same state', async () => {
      const { west: log, poison } = poisoned();
      const west = await westOf(world);
      await west.ledger.branch.restoreOwn({ epoch: 1, seq: 0, hash: new Uint8Array(32) }, log.events);
      const discards = new OfficeLog('head').writes({
        ...discardKeyOf(poison.event, 'head'),
        type: 'EventDiscarded',
        data: { event: { ...dotOf(poison.event) }, why: 'x' },
      });
      await west.ledger.branch.applyFeed(
        START,
        { ...START, position: 1, hash: discards.hash },
        fed(discards),
      );
      expect(await statusesOf(west)).toEqual(['applied', 'discarded', 'applied', 'applied', 'applied']);
      const atWest = await west.ledger.read.entity({ dataset: 'sales', scope: 'west', entityId: 'a' });
      await expectFoldedFromNothing(west.ledger);
      await world.empty();

      const head = await headWith();
      await head.ledger.head.applyBatch(log.after(0));
      await head.ledger.head.applyReturned([{ bytes: discards.bytes, hash: discards.hash }]);
      const atHead = await head.ledger.read.entity({ dataset: 'sales', scope: 'west', entityId: 'a' });
      expect(encodeState(atHead!)).toBe(encodeState(atWest!));
      await expectFoldedFromNothing(head.ledger);
    });

    it('holds whichever of the two comes first', async () => {
      const [head, { west, poison }] = [await headWith(), poisoned()];
      const discards = new OfficeLog('head').writes({
        ...discardKeyOf(poison.event, 'head'),
        type: 'EventDiscarded',
        data: { event: { ...dotOf(poison.event) }, why: 'x' },
      });
      await head.ledger.head.applyReturned([{ bytes: discards.bytes, hash: discards.hash }]);
      await head.ledger.head.applyBatch(west.after(0, 2));
      await head.ledger.head.applyBatch(west.after(2));
      expect(await statusesOf(head)).toEqual(['applied', 'applied', 'discarded', 'applied', 'applied']);
      expect(await qtyOf(head, 'a')).toBe(5);
      await expectFoldedFromNothing(head.ledger);
    });

    it('counts as seen by an event of a later life of its author', async () => {
      const [head, { west, poison }] = [await headWith(), poisoned()];
      await head.ledger.head.applyBatch(west.after(0));
      await head.ledger.submit(discard(poison));
      const epoch = await head.ledger.head.grantEpoch('west');
      west.writes(
        { entityId: 'a', type: 'SaleAmended', data: { qty: 6 }, epoch },
        { 'west@1': poison.event.seq },
      );
      await head.ledger.head.applyBatch(west.after(4));
      expect((await statusesOf(head)).at(-1)).toBe('applied');
      await expectFoldedFromNothing(head.ledger);
    });

    it('of a recording leaves what came after it without a beginning, to be discarded in turn', async () => {
      const [head, west] = [await headWith(), new OfficeLog('west')];
      const bad = west.records('a', { data: { ...GOOD, qty: 'many' } });
      const child = west.amends('a', { qty: 5 }, {});
      await head.ledger.head.applyBatch(west.after(0));
      expect(await statusesOf(head)).toEqual(['quarantined', 'parked']);
      await head.ledger.submit(discard(bad));
      expect(await head.ledger.read.waiting(0, 9)).toMatchObject([
        { status: 'quarantined', reason: 'never-recorded' },
      ]);
      await head.ledger.submit(discard(child));
      expect(await statusesOf(head)).toEqual(['discarded', 'discarded', 'applied', 'applied']);
      expect(await qtyOf(head, 'a')).toBeNull();
      await expectFoldedFromNothing(head.ledger);
    });

    it('leaves the entity to be changed by everybody', async () => {
      const [head, { west, poison }] = [await headWith(), poisoned()];
      await head.ledger.head.applyBatch(west.after(0));
      await head.ledger.submit(discard(poison));
      await head.ledger.submit(amend('a', { qty: 9 }));
      expect(await qtyOf(head, 'a')).toBe(9);
      await expectFoldedFromNothing(head.ledger);
    });
  });
}
