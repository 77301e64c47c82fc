import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { type Batch, NOTHING_QUARANTINED } from '../../domain/sync/messages.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { amend, record } from './ledger-commands.ts';
import {
  allEvents,
  expectChained,
  expectFoldedFromNothing,
  expectGapFreePositions,
} from './ledger-checks.ts';
import { failureOf, type LedgerWorld } from './ledger-world.ts';
import { headsOf, logOf, rowOf } from './ledger-head-world.ts';

/** What a head does with the batches of its branches, and the epochs it grants them. */
export function headBatchContract(world: LedgerWorld): void {
  const headWith = headsOf(world);

  describe('a batch at the head', () => {
    it('is applied with the cursor of its office', async () => {
      const [head, west] = [await headWith(), logOf('west', 5)];
      expect(await head.ledger.head.applyBatch(west.after(0))).toEqual({
        verdict: 'ok',
        cursor: west.end,
        safeSeq: 0,
        quarantined: NOTHING_QUARANTINED,
      });
      expect((await rowOf(head)).cursor).toEqual(west.end);
      expect(await head.ledger.read.countRows(sales, { scope: 'west', deleted: 'without' })).toBe(5);
      expect(head.told.at(-1)).toMatchObject({ position: 5, last: { seq: 0 } });
      await expectChained(head.ledger, 'west');
      await expectFoldedFromNothing(head.ledger);
    });

    it('is applied with the cursor, or not at all', async () => {
      let isDue = false;
      const failPoint = (name: string) => {
        if (name !== 'before-commit' || !isDue) return;
        isDue = false;
        throw new Error('the process ends here');
      };
      const [head, west] = [await headWith({ failPoint }), logOf('west', 5)];
      isDue = true;
      expect(await failureOf(head.ledger.head.applyBatch(west.after(0)))).not.toBeNull();
      expect((await rowOf(head)).cursor).toEqual(START_OF_CHAIN);
      expect(await head.ledger.read.logRow()).toMatchObject({ position: 0 });
      expect([(await allEvents(head.ledger)).length, head.told]).toEqual([0, []]);
      expect(await head.ledger.head.applyBatch(west.after(0))).toMatchObject({
        verdict: 'ok',
        cursor: west.end,
      });
      await expectFoldedFromNothing(head.ledger);
    });

    it('that comes again changes nothing', async () => {
      const [head, west] = [await headWith(), logOf('west', 5)];
      await head.ledger.head.applyBatch(west.after(0));
      for (const batch of [west.after(0), west.after(2), west.after(0, 3)])
        expect(await head.ledger.head.applyBatch(batch)).toEqual({
          verdict: 'ok',
          cursor: west.end,
          safeSeq: 0,
          quarantined: NOTHING_QUARANTINED,
        });
      expect((await allEvents(head.ledger)).length).toBe(5);
      expect(head.told.length).toBe(1);
    });

    it('that overlaps gives what is new', async () => {
      const [head, west] = [await headWith(), logOf('west', 7)];
      await head.ledger.head.applyBatch(west.after(0, 4));
      expect(await head.ledger.head.applyBatch(west.after(1))).toMatchObject({
        verdict: 'ok',
        cursor: west.end,
      });
      expect((await expectChained(head.ledger, 'west')).length).toBe(7);
    });

    it('behind a gap waits for what is missing', async () => {
      const [head, west] = [await headWith(), logOf('west', 7)];
      await head.ledger.head.applyBatch(west.after(0, 2));
      expect(await head.ledger.head.applyBatch(west.after(4))).toEqual({
        verdict: 'gap',
        cursor: west.pointAt(2),
        safeSeq: 0,
        quarantined: NOTHING_QUARANTINED,
      });
      expect((await allEvents(head.ledger)).length).toBe(2);
    });

    it.each([
      ['goes on from another history', 4],
      ['overlaps with another history', 2],
      ['repeats another history', 1],
    ])('that %s is a fork, and changes nothing', async (_, from) => {
      const [head, west] = [await headWith(), logOf('west', 4)];
      const other = new OfficeLog('west');
      west.events.slice(0, 1).forEach(({ event }) => other.writes(event));
      for (let i = 0; i < 5; i++) other.records(`other-${i}`);
      await head.ledger.head.applyBatch(west.after(0));
      const batch = from === 1 ? other.after(1, 3) : other.after(from);
      expect(await head.ledger.head.applyBatch(batch)).toEqual({
        verdict: 'fork',
        cursor: west.end,
        safeSeq: 0,
        quarantined: NOTHING_QUARANTINED,
      });
      expect((await allEvents(head.ledger)).length).toBe(4);
    });

    it('that contradicts itself is refused, whoever sent it', async () => {
      const [head, west] = [await headWith(), logOf('west', 3)];
      const flawed: Batch[] = [
        { ...west.after(0), after: ZERO_HASH },
        { ...west.after(0), office: 'east' },
        { ...west.after(0), events: [west.bytes[0]!, west.bytes[2]!] },
        { ...west.after(0), events: [new TextEncoder().encode('{"a":1}')] },
      ];
      for (const batch of flawed)
        expect(await failureOf(head.ledger.head.applyBatch(batch))).toMatchObject({ type: 'batch-refused' });
      expect((await allEvents(head.ledger)).length).toBe(0);
    });

    it('quarantines what its office may not write, and goes on', async () => {
      const [head, west] = [await headWith(), new OfficeLog('west')];
      west.records('a');
      west.records('b', { scope: 'east' });
      west.writes({ entityId: 'a', type: 'ConflictResolved', data: { writes: { qty: 1 } } }, { 'west@1': 1 });
      west.records('c');
      expect(await head.ledger.head.applyBatch(west.after(0))).toMatchObject({
        verdict: 'ok',
        cursor: west.end,
      });
      const events = await allEvents(head.ledger);
      expect(events.map(({ status }) => status)).toEqual([
        'applied',
        'quarantined',
        'quarantined',
        'applied',
      ]);
      await expectFoldedFromNothing(head.ledger);
    });

    it('opens a case with what the head wrote meanwhile, and names it', async () => {
      const [head, west] = [await headWith(), new OfficeLog('west')];
      west.records('a');
      await head.ledger.head.applyBatch(west.after(0));
      await head.ledger.submit(amend('a', { cost: '14' }));
      west.amends('a', { cost: '13' }, { 'west@1': 1 });
      await head.ledger.head.applyBatch(west.after(1));
      const [open] = await head.ledger.read.cases({ status: 'open', limit: 10 });
      expect(open).toMatchObject({ entityId: 'a', fields: ['cost'], base: { cost: '12.95' } });
      expect(head.told.at(-1)!.cases).toEqual([open!.id]);
      await expectFoldedFromNothing(head.ledger);
    });

    it('of an office that nobody added, or that was retired, is refused', async () => {
      const [head, north, west] = [await headWith(), logOf('north', 2), logOf('west', 2)];
      expect(await failureOf(head.ledger.head.applyBatch(north.after(0)))).toMatchObject({
        type: 'unknown-office',
      });
      await head.ledger.retireOffice('west');
      expect(await failureOf(head.ledger.head.applyBatch(west.after(0)))).toMatchObject({
        type: 'retired-office',
      });
      expect((await allEvents(head.ledger)).length).toBe(0);
    });

    it('may come while others come and the head sells itself: no gap, nothing twice', async () => {
      const head = await headWith();
      const logs = [logOf('west', 60), logOf('east', 60)];
      const uploads = logs.map(async (log) => {
        for (let seq = 0; seq < 60; seq += 10) {
          await head.ledger.head.applyBatch(log.after(seq, seq + 10));
          await head.ledger.head.applyBatch(log.after(Math.max(0, seq - 5), seq + 10));
        }
      });
      const sells = Array.from({ length: 40 }, (_, i) => head.ledger.submit(record(`h${i}`)));
      await Promise.all([...uploads, ...sells]);
      await expectGapFreePositions(head.ledger);
      for (const office of ['west', 'east', 'head']) await expectChained(head.ledger, office);
      expect((await allEvents(head.ledger)).length).toBe(160);
      await expectFoldedFromNothing(head.ledger);
    });
  });

  describe('an epoch', () => {
    it('is granted once, and remembered', async () => {
      const head = await headWith();
      const granted = [];
      for (let i = 0; i < 3; i++) granted.push(await head.ledger.head.grantEpoch('west'));
      expect(granted).toEqual([...new Set(granted)].sort((a, b) => a - b));
      expect(granted[0]).toBeGreaterThan(1);
      expect((await rowOf(head)).grantedEpoch).toBe(granted[2]! + LIMITS.grantedEpochs - 1);
      expect((await rowOf(head, 'east')).grantedEpoch).toBe(1);
    });

    it('is good for a batch as soon as it is granted, and not before', async () => {
      const [head, west] = [await headWith(), logOf('west', 2)];
      const epoch = await head.ledger.head.grantEpoch('west');
      west.records('later', { epoch });
      expect(await head.ledger.head.applyBatch(west.after(0))).toMatchObject({
        verdict: 'ok',
        cursor: { epoch, seq: 3 },
      });
      west.records('strange', { epoch: epoch + 1_000_000 });
      expect(await head.ledger.head.applyBatch(west.after(3))).toMatchObject({
        verdict: 'fork', // the greeting that follows says whose it is
        cursor: { epoch, seq: 3 },
      });
    });
  });
}
