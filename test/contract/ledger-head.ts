import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { errorType } from '../../domain/errors.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { Batch, Hello } from '../../domain/sync/messages.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { amend, record } from './ledger-append.ts';
import {
  allEvents,
  expectChained,
  expectFoldedFromNothing,
  expectGapFreePositions,
} from './ledger-checks.ts';
import { failureOf, type LedgerWorld, type Office, type OfficeOptions } from './ledger-world.ts';

const HEAD: OfficeOptions = { office: 'head', role: 'head' };

/** What the end of the link asks of the head's database. */
export function headContract(world: LedgerWorld): void {
  /** A head that knows west and east. */
  async function headWith(options: OfficeOptions = {}): Promise<Office> {
    const office = await world.office({ ...HEAD, ...options });
    for (const id of ['west', 'east'])
      await office.ledger.addOffice({ office: id, name: id, subscribe: id === 'west' ? 'own' : 'all' });
    return office;
  }

  function logOf(office: string, length: number): OfficeLog {
    const log = new OfficeLog(office);
    for (let i = 0; i < length; i++) log.records(`${office}-${i}`);
    return log;
  }

  const rowOf = async ({ ledger }: Office, office = 'west') => (await ledger.read.office(office))!;

  describe('a batch at the head', () => {
    it('is applied with the cursor of its office', async () => {
      const [head, west] = [await headWith(), logOf('west', 5)];
      expect(await head.ledger.head.applyBatch(west.after(0))).toEqual({
        verdict: 'ok',
        cursor: west.end,
        safeSeq: 0,
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
      expect(await failureOf(head.ledger.head.applyBatch(west.after(3)))).toMatchObject({
        type: 'batch-refused',
      });
    });
  });

  describe('a greeting at the head', () => {
    const hello = (changes: Partial<Hello> = {}): Hello => ({
      kind: 'hello',
      office: 'west',
      instance: 'i1',
      nonce: 'n1',
      session: 0,
      last: START_OF_CHAIN,
      acked: START_OF_CHAIN,
      feed: { feedEpoch: 1, position: 0, hash: ZERO_HASH },
      headTips: [],
      subscribe: 'own',
      versions: { wire: LIMITS.wireVersion, program: '0.1.0' },
      ...changes,
    });

    it('is answered from the log, and the session is remembered', async () => {
      const [head, west] = [await headWith(), logOf('west', 3)];
      await head.ledger.head.applyBatch(west.after(0));
      await head.ledger.submit(record('h', {}, 'west'));
      const before = Date.now();
      const { outcome, subscribe } = await head.ledger.head.greet(
        hello({ last: west.pointAt(2), acked: west.pointAt(2) }),
      );
      expect(outcome).toMatchObject({
        verdict: 'welcome',
        mint: null,
        message: {
          head: 'head',
          session: 1,
          cursor: west.end,
          hashAtYourLast: west.pointAt(2).hash,
          feedEnd: 4,
          feed: { feedEpoch: 1, position: 0 },
        },
      });
      expect(subscribe).toBe('own');
      const row = await rowOf(head);
      expect(row).toMatchObject({ session: 1, sessionConfirmed: false, instance: 'i1', cursor: west.end });
      expect(row.leaseUntilMs).toBeGreaterThanOrEqual(before + LIMITS.leaseMs);
      expect(row.lastContactAtMs).toBeGreaterThanOrEqual(before);
    });

    it('grants what the head decided, whatever the branch asks for', async () => {
      const head = await headWith();
      expect(await head.ledger.head.greet(hello({ subscribe: 'all' }))).toMatchObject({ subscribe: 'own' });
      expect(await head.ledger.head.greet(hello({ office: 'east' }))).toMatchObject({ subscribe: 'all' });
    });

    it('that is refused changes nothing', async () => {
      const head = await headWith();
      await head.ledger.retireOffice('west');
      const before = await rowOf(head);
      expect(await head.ledger.head.greet(hello())).toMatchObject({
        outcome: { message: { reason: 'retired-office' } },
      });
      expect(await rowOf(head)).toEqual(before);
      expect(await head.ledger.head.greet(hello({ office: 'north' }))).toMatchObject({
        outcome: { message: { reason: 'unknown-office' } },
      });
      expect(await head.ledger.read.office('north')).toBeNull();
    });

    it('of a second copy is refused while the first is alive, and not when it has left', async () => {
      const head = await headWith();
      for (const session of [0, 1]) {
        await head.ledger.head.greet(hello({ session }));
        await head.ledger.head.renewLease('west', 'i1', Date.now() + LIMITS.leaseMs);
      }
      const copy = hello({ instance: 'i2', nonce: 'n2', session: 1 });
      expect(await head.ledger.head.greet(copy)).toMatchObject({
        outcome: { message: { reason: 'lease-held' } },
      });
      await head.ledger.head.endLease('west', 'i1');
      expect(await head.ledger.head.greet(copy)).toMatchObject({
        outcome: { verdict: 'welcome', message: { session: 3 } },
      });
    });

    it('that proves a restore begins another life of the feed, once', async () => {
      const [head, west] = [await headWith(), logOf('west', 3)];
      await head.ledger.head.applyBatch(west.after(0, 2));
      const proof = hello({ last: west.end, acked: west.end, session: 0 });
      const { outcome } = await head.ledger.head.greet(proof);
      const { feedEpoch } = await head.ledger.read.logRow();
      expect(feedEpoch).toBeGreaterThan(1);
      expect(outcome).toMatchObject({
        mint: { feedEpoch, position: 0 },
        message: { cursor: west.pointAt(2), feed: { feedEpoch, position: 0 } },
      });
      expect(await head.ledger.read.logRow()).toMatchObject({ feedForks: [{ feedEpoch, position: 0 }] });
      expect(
        await head.ledger.head.greet({
          ...proof,
          feed: { ...proof.feed, feedEpoch },
          acked: START_OF_CHAIN,
        }),
      ).toMatchObject({ outcome: { mint: null } });
      expect((await head.ledger.head.feedOf('west', 'own', 0)).feedEpoch).toBe(feedEpoch);
    });

    it('asks for head events that it does not hold', async () => {
      const head = await headWith();
      await head.ledger.submitAll([record('a'), record('b')]);
      const [one, two] = await allEvents(head.ledger);
      const tip = ({ event, hash }: typeof one & object) => ({ epoch: event.epoch, seq: event.seq, hash });
      const lost = { epoch: one!.event.epoch, seq: 9, hash: new Uint8Array(32).fill(9) };
      const held = hello({
        headTips: [tip(two!), tip(one!)],
        feed: { feedEpoch: 1, position: 2, hash: two!.hash },
      });
      expect(await head.ledger.head.greet(held)).toMatchObject({
        outcome: { mint: null, message: { returnAfter: null } },
      });
      expect(await head.ledger.head.greet({ ...held, headTips: [lost, ...held.headTips] })).toMatchObject({
        outcome: { mint: { forgotten: null, position: 2 }, message: { returnAfter: { tip: tip(two!) } } },
      });
    });
  });

  describe('a lease', () => {
    it('belongs to the process that has the session', async () => {
      const head = await headWith();
      await head.ledger.head.renewLease('west', 'i1', 5_000);
      expect(await rowOf(head)).toMatchObject({ leaseUntilMs: 0 });
      expect(await failureOf(head.ledger.head.endLease('nowhere', 'i1'))).toBeNull();
    });
  });

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
