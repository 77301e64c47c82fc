import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { errorType } from '../../domain/errors.ts';
import { chainEvents } from '../../domain/sync/batch.ts';
import type { Own } from '../../domain/sync/messages.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { testHasher } from '../unit/test-hasher.ts';
import { record } from './ledger-commands.ts';
import { cursor, fed, pointOf, START, westOf } from './ledger-branch-office.ts';
import { allEvents, expectChained, toHex } from './ledger-checks.ts';
import { failureOf, type LedgerWorld, type Office, type OfficeOptions } from './ledger-world.ts';

/** What a branch says of itself, and reads for the link. */
export function greetingContract(world: LedgerWorld): void {
  const west = (options?: OfficeOptions) => westOf(world, options);

  describe('a greeting of a branch', () => {
    it('says where the office stands', async () => {
      const [office, head] = [await west(), new OfficeLog('head')];
      const datasets = { evolutions: 1, versions: { sales: 1, products: 1, stock: 1, things: 1 } };
      expect(await office.ledger.branch.greetingPosition()).toEqual({
        session: 1,
        last: START_OF_CHAIN,
        acked: START_OF_CHAIN,
        feed: START,
        headTips: [],
        datasets,
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
        datasets,
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

    const own = (
      log: OfficeLog,
      afterSeq: number,
      before = log.pointAt(afterSeq).hash,
      change: Partial<Own> = {},
    ) => ({
      kind: 'own' as const,
      nonce: 'n',
      afterSeq,
      before,
      after: log.end.hash,
      events: log.bytes.slice(afterSeq),
      end: log.end,
      ...change,
    });

    it('finds the last common place, and what follows there', async () => {
      const { office, log } = await sold();
      log.records('more');
      const matched = await office.ledger.branch.matchOwn('west', own(log, 1), []);
      expect([matched.common.seq, matched.rest.map(({ event }) => event.entityId)]).toEqual([4, ['more']]);
    });

    it('takes nothing that is not what the head has hashed', async () => {
      const { office, log } = await sold();
      const [first, second, third] = [log.bytes[1]!, log.bytes[2]!, log.bytes[3]!];
      const rewritten = Buffer.from(Buffer.from(third).toString().replace('"actor":"', '"actor":"not '));
      const page = own(log, 1, undefined, { events: [first, second, rewritten] });
      const failure = await failureOf(office.ledger.branch.matchOwn('west', page, []));
      expect(errorType(failure)).toBe('batch-refused');
    });

    it('finds nothing common where even the beginning differs', async () => {
      const { office, log } = await sold();
      const before = new Uint8Array(32);
      const [, , ...events] = log.bytes;
      const after = chainEvents(testHasher, 'west', { seq: 2, hash: before }, events).at(-1)!.hash;
      const matched = await office.ledger.branch.matchOwn('west', own(log, 2, before, { after }), []);
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

    it('gives what a later life of the head wrote behind it, at lower places too', async () => {
      const [office, first] = [await west(), new OfficeLog('head')];
      for (let i = 0; i < 5; i++) first.records(`h${i}`, { scope: 'west' });
      const restored = new OfficeLog('head', pointOf(first.events[1]!)); // what it had lost came back before it wrote
      const again = [3, 4].map((seq) => restored.records(`again-${seq}`, { scope: 'west', epoch: 2 }));
      await office.ledger.branch.applyFeed(START, cursor(7), fed(...first.events, ...again));
      const hashes: string[] = [];
      for await (const page of office.ledger.branch.headEventsAfter(pointOf(first.events[4]!)))
        hashes.push(...page.map(({ hash }) => toHex(hash)));
      expect(hashes).toEqual(expect.arrayContaining(again.map(({ hash }) => toHex(hash))));
    });
  });
}
