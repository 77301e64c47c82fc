import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { Hello } from '../../domain/sync/messages.ts';
import { record } from './ledger-commands.ts';
import { allEvents } from './ledger-checks.ts';
import { failureOf, type LedgerWorld } from './ledger-world.ts';
import { headsOf, logOf, rowOf } from './ledger-head-world.ts';

/** How a head answers greetings, and who holds the session. */
export function headGreetingContract(world: LedgerWorld): void {
  const headWith = headsOf(world);

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
}
