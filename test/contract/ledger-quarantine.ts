import { INCIDENTS } from '../../domain/datasets/event-types.ts';
import { encodeEvent } from '../../domain/canonical.ts';
import { type DomainEvent, type LoggedEvent, MAX_EVENT_BYTES } from '../../domain/event.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { pointOf, qtyOf, statusesOf, westOf } from './ledger-branch-office.ts';
import { expectFoldedFromNothing } from './ledger-checks.ts';
import { failureOf, type LedgerWorld, type Office } from './ledger-world.ts';
import { headsOf } from './ledger-head-world.ts';
import { poisoned } from './ledger-poison.ts';

/** What a ledger does with events that cannot be applied: keep, report, judge again, set aside. */
export function quarantineContract(world: LedgerWorld): void {
  const headWith = headsOf(world);
  describe('an event that is quarantined at the head', () => {
    it('is reported with every acknowledgement, as much of it as fits', async () => {
      const [head, west] = [await headWith(), new OfficeLog('west')];
      const [good] = [west.records('good')];
      expect(await head.ledger.head.applyBatch(west.after(0))).toMatchObject({ quarantined: { count: 0 } });
      for (let i = 0; i < 5; i++) west.records(`x${i}`, { scope: 'east' });
      const { quarantined } = await head.ledger.head.applyBatch(west.after(1));
      expect(quarantined).toMatchObject({ count: 5 });
      expect(quarantined.items).toHaveLength(LIMITS.reportItems);
      expect(quarantined.items[0]).toEqual({
        epoch: 1,
        seq: good.event.seq + 1,
        type: 'SaleRecorded',
        dataset: 'sales',
        entityId: 'x0',
        reason: 'not-allowed',
        detail: 'west may not write to east',
      });
      expect(await head.ledger.head.quarantineOf('west')).toEqual(quarantined);
      expect(await head.ledger.head.quarantineOf('east')).toEqual({ count: 0, items: [] });
    });

    it('is remembered by the office that was told of it, beside the last contact', async () => {
      const report = {
        count: 7,
        items: [
          { epoch: 1, seq: 2, type: 'T', dataset: 'sales', entityId: 'ø"😀', reason: 'r', detail: 'd\\' },
        ],
      };
      const west = await westOf(world);
      expect(await west.ledger.branch.quarantined()).toEqual({ count: 0, items: [] });
      await west.ledger.branch.saveQuarantined(report);
      await west.ledger.branch.saveContact(1_790_000_000_123);
      await west.close();
      const again = await world.office();
      expect(await again.ledger.branch.quarantined()).toEqual(report);
      expect(await again.ledger.branch.lastContactAtMs()).toBe(1_790_000_000_123);
    });

    it('stays quarantined when it is judged again by the same program', async () => {
      const [head, { west, poison }] = [await headWith(), poisoned()];
      await head.ledger.head.applyBatch(west.after(0));
      expect(await head.ledger.judgeAgain(poison.event)).toMatchObject({ status: 'quarantined' });
      expect(await statusesOf(head)).toEqual(['applied', 'quarantined', 'parked', 'applied']);
      await expectFoldedFromNothing(head.ledger);
    });

    it('is applied when it is judged again by a program that knows it, with what waits for it', async () => {
      const [head, { west, poison }] = [await headWith(), poisoned()];
      await head.ledger.head.applyBatch(west.after(0));
      await melt(head, poison);
      const told = head.told.length;
      expect(await head.ledger.judgeAgain(poison.event)).toMatchObject({ status: 'applied' });
      expect(await statusesOf(head)).toEqual(['applied', 'applied', 'applied', 'applied']);
      expect(await qtyOf(head, 'a')).toBe(5);
      expect(await head.ledger.read.logRow()).toMatchObject({ waiting: 0 });
      expect(head.told).toHaveLength(told + 1);
      expect(await failureOf(head.ledger.judgeAgain(poison.event))).toMatchObject({ type: 'event-applied' });
      await expectFoldedFromNothing(head.ledger);
    });

    /** As an upgrade would: the bytes are untouched, and what was refused is known now. */
    async function melt(head: Office, { event }: LoggedEvent): Promise<void> {
      const raw = await world.raw();
      const held = (await head.ledger.read.eventsByDots([event]))[0]!;
      const known: DomainEvent = { ...event, type: 'SaleAmended' };
      await raw.run(`delete from event where position = ${held.position}`);
      await head.store.transaction((tx) =>
        tx.insertEvents([{ ...held, event: known, bytes: encodeEvent(known) }]),
      );
    }
  });

  describe('an event of the largest size', () => {
    const report = (detail: string) => ({
      command: {
        type: 'report-incident' as const,
        dataset: INCIDENTS,
        scope: 'west',
        entityId: 'large',
        kind: 'test',
        detail: { text: detail },
      },
      actor: 'ann',
    });

    it('passes all the way, and one byte over is refused at append', async () => {
      const west = await world.office();
      const empty = await west.ledger.submit({
        ...report(''),
        command: { ...report('').command, entityId: 'small' },
      });
      const room = MAX_EVENT_BYTES - empty.logged!.bytes.length;
      expect(await failureOf(west.ledger.submit(report('x'.repeat(room + 1))))).toMatchObject({
        type: 'event-too-large',
        data: { expected: MAX_EVENT_BYTES, actual: MAX_EVENT_BYTES + 1 },
      });
      const { logged } = await west.ledger.submit(report('x'.repeat(room)));
      expect(logged!.bytes).toHaveLength(MAX_EVENT_BYTES);
      const { before, after, events } = await west.ledger.branch.readOwn('west', 1);
      expect(events).toHaveLength(1);
      await world.empty();

      const head = await headWith();
      const batch = { kind: 'batch', office: 'west', instance: 'i1', nonce: 'n1' } as const;
      await head.ledger.head.applyBatch({
        ...batch,
        firstSeq: 1,
        before: new Uint8Array(32),
        after: before.hash,
        events: [empty.logged!.bytes],
      });
      expect(
        await head.ledger.head.applyBatch({
          ...batch,
          firstSeq: 2,
          before: before.hash,
          after: after.hash,
          events,
        }),
      ).toMatchObject({ verdict: 'ok', cursor: pointOf(logged!) });
      const { events: fedOn } = await head.ledger.head.feedOf('east', 'all', 1);
      expect(fedOn).toHaveLength(1);
      expect(Buffer.compare(fedOn[0]!.bytes, logged!.bytes)).toBe(0);
    });
  });
}
