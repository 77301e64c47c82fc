import { DomainError, errorType } from '../../domain/errors.ts';
import type { UpMessage } from '../../domain/sync/messages.ts';
import { MAX_MESSAGE_BYTES } from '../../mixins/link/envelope.ts';
import { eventually } from '../harness/wait.ts';
import { UP_MESSAGES } from './link-messages.ts';
import {
  answer,
  batch,
  FEED_QUEUE_BYTES,
  gate,
  numbersOf,
  run,
  Stage,
  type LinkWorld,
} from './link-world.ts';

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const typeOf = async (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'sent',
    (error: unknown) => errorType(error),
  );

const numbersWithoutRepeats = (messages: Parameters<typeof numbersOf>[0]): number[] => [
  ...new Set(numbersOf(messages)),
];

const openHandles = (): string[] =>
  process.getActiveResourcesInfo().filter((kind) => ['Timeout', 'TCPSocketWrap', 'Immediate'].includes(kind));

/** What every link does, whatever it is made of. */
export function linkContract(name: string, createWorld: () => Promise<LinkWorld>): void {
  describe(`${name} link`, () => {
    let world: LinkWorld;
    let stage: Stage;

    beforeEach(async () => {
      world = await createWorld();
      stage = new Stage(world);
    });

    afterEach(async () => {
      await stage.end();
      await world.close();
    });

    describe('carries', () => {
      it('messages up, in the order sent, many under way at once', async () => {
        const { head, branch } = await stage.startPair();
        await Promise.all(range(1, 300).map((n) => branch.link.send(batch(n))));
        expect(numbersOf(await head.heard.until(300))).toEqual(range(1, 300));
      });

      it('answers down, in the order sent', async () => {
        const { head, branch } = await stage.startPair();
        await Promise.all(range(1, 300).map((n) => head.link.sendControl('west', answer(n))));
        expect(numbersOf(await branch.heard.until(300))).toEqual(range(1, 300));
      });

      it('every message as it was', async () => {
        const { head, branch } = await stage.startPair();
        for (const message of UP_MESSAGES) await branch.link.send(message);
        expect(await head.heard.until(UP_MESSAGES.length)).toStrictEqual(UP_MESSAGES);
      });

      it('5,000 small messages', async () => {
        const { head, branch } = await stage.startPair();
        for (let sent = 0; sent < 5_000; sent += 500)
          await Promise.all(range(sent + 1, sent + 500).map((n) => branch.link.send(batch(n))));
        expect(numbersOf(await head.heard.until(5_000))).toEqual(range(1, 5_000));
      });

      it('nothing larger than brokers take', async () => {
        const { branch } = await stage.startPair();
        const noise = (): Uint8Array => crypto.getRandomValues(new Uint8Array(65_536));
        const large = { ...batch(1), events: Array.from({ length: MAX_MESSAGE_BYTES / 65_536 }, noise) };
        expect(await typeOf(branch.link.send(large))).toBe('message-too-large');
        await branch.link.send(batch(2));
      });
    });

    describe('the feed', () => {
      it('goes to those who subscribe to its stream, and to them alone', async () => {
        const head = await stage.startHead({ west: 'own', east: 'own', auditor: 'all' });
        await head.heard.untilUp();
        const [west, east, auditor] = [
          await stage.startBranch('west'),
          await stage.startBranch('east'),
          await stage.startBranch('auditor'),
        ];
        const streams = ['west', 'east', 'shared', 'all', 'north', 'all'];
        for (const [i, stream] of streams.entries()) await head.link.publishFeed(run(i + 1, stream));
        await Promise.all([west, east, auditor].map(({ heard }) => heard.until(2)));
        expect(numbersOf(west.heard.messages)).toEqual([1, 3]);
        expect(numbersOf(east.heard.messages)).toEqual([2, 3]);
        expect(numbersOf(auditor.heard.messages)).toEqual([4, 6]);
      });

      it('follows a subscription that changes', async () => {
        const { head, branch } = await stage.startPair();
        await head.link.declareBranch('west', 'all');
        await head.link.publishFeed(run(1, 'west'));
        await head.link.publishFeed(run(2, 'all'));
        await head.link.declareBranch('west', 'own');
        await head.link.publishFeed(run(3, 'all'));
        await head.link.publishFeed(run(4, 'shared'));
        expect(numbersOf(await branch.heard.until(2))).toEqual([2, 4]);
      });

      it('waits for a branch whose line is cut', async () => {
        const { head, branch } = await stage.startPair();
        world.cut('west');
        await branch.heard.untilDown();
        for (const n of range(1, 20)) await head.link.publishFeed(run(n, 'shared'));
        world.join('west');
        expect(numbersOf(await branch.heard.until(20))).toEqual(range(1, 20));
      });

      it('of a branch that stays away is bounded, and loses its oldest', async () => {
        const { head, branch } = await stage.startPair();
        world.cut('west');
        await branch.heard.untilDown();
        const events = 40;
        for (const n of range(1, events)) {
          const message = run(n, 'shared', FEED_QUEUE_BYTES / 16);
          crypto.getRandomValues(message.events[0]!.bytes);
          await head.link.publishFeed(message);
        }
        world.join('west');
        await eventually(() => expect(numbersOf(branch.heard.messages)).toContain(events));
        const kept = numbersOf(branch.heard.messages);
        expect(kept).toEqual(range(events - kept.length + 1, events));
        expect(kept.length).toBeGreaterThan(10);
        expect(kept.length).toBeLessThan(20);
      });

      it('is left in its queue while the branch does not want it; answers flow', async () => {
        const { head, branch } = await stage.startPair();
        await branch.link.consumeFeed(false);
        await head.link.publishFeed(run(1, 'shared'));
        await head.link.publishFeed(run(2, 'west'));
        await head.link.sendControl('west', answer(7));
        expect(numbersOf(await branch.heard.until(1))).toEqual([7]);
        await branch.link.consumeFeed(true);
        expect(numbersOf(await branch.heard.until(3))).toEqual([7, 1, 2]);
      });

      it('stays unwanted after a reconnection', async () => {
        const { head, branch } = await stage.startPair();
        await branch.link.consumeFeed(false);
        world.cut('west');
        await branch.heard.untilDown();
        await head.link.publishFeed(run(1, 'shared'));
        world.join('west');
        await branch.heard.untilUp();
        await head.link.sendControl('west', answer(7));
        expect(numbersOf(await branch.heard.until(1))).toEqual([7]);
      });

      it('is nobody’s after a branch was forgotten, and begins empty for one that comes back', async () => {
        const { head, branch } = await stage.startPair();
        await branch.link.stop();
        await head.link.publishFeed(run(1, 'shared'));
        await head.link.forgetBranch('west');
        await head.link.publishFeed(run(2, 'shared'));
        await head.link.declareBranch('west', 'own');
        await head.link.publishFeed(run(3, 'shared'));
        const again = await stage.startBranch('west');
        expect(numbersOf(await again.heard.until(1))).toEqual([3]);
      });
    });

    describe('a handler', () => {
      it('holds its own office and no other', async () => {
        const head = await stage.startHead({ west: 'own', east: 'own' });
        await head.heard.untilUp();
        const west = await stage.startBranch('west');
        const east = await stage.startBranch('east');
        await Promise.all([west.heard.untilUp(), east.heard.untilUp()]);
        const { passed, open } = gate();
        head.heard.handle = (message: UpMessage) => (message.office === 'west' ? passed : Promise.resolve());
        await west.link.send(batch(1, 'west'));
        await west.link.send(batch(2, 'west'));
        await head.heard.until(1);
        await east.link.send(batch(3, 'east'));
        await east.link.send(batch(4, 'east'));
        expect(numbersOf(await head.heard.until(3))).toEqual([1, 3, 4]);
        open();
        expect(numbersOf(await head.heard.until(4))).toEqual([1, 3, 4, 2]);
      });

      it('at a branch runs alone, for answers and the feed alike', async () => {
        const { head, branch } = await stage.startPair();
        let running = 0;
        let most = 0;
        branch.heard.handle = async () => {
          most = Math.max(most, ++running);
          await new Promise((done) => setImmediate(done));
          running--;
        };
        const sent = range(1, 20).flatMap((n) => [
          head.link.sendControl('west', answer(n)),
          head.link.publishFeed(run(n, 'west')),
        ]);
        await Promise.all(sent);
        await branch.heard.until(40);
        expect(most).toBe(1);
      });

      it('that has not returned when the line breaks gets its message again', async () => {
        const { head, branch } = await stage.startPair();
        const { passed, open } = gate();
        head.heard.handle = () => passed;
        await branch.link.send(batch(1));
        await branch.link.send(batch(2));
        await head.heard.until(1);
        world.cut();
        await head.heard.untilDown();
        open();
        world.join();
        await eventually(() => expect(numbersOf(head.heard.messages)).toEqual([1, 1, 2]));
      });

      it('that never returns leaves its message to the next process', async () => {
        const { head, branch } = await stage.startPair();
        head.heard.handle = () => new Promise(() => {});
        await branch.link.send(batch(1));
        await head.heard.until(1);
        await head.link.stop();
        const next = await stage.startHead({ west: 'own' });
        expect(numbersOf(await next.heard.until(1))).toEqual([1]);
      });

      it('that returned does not get its message again', async () => {
        const { head, branch } = await stage.startPair();
        await branch.link.send(batch(1));
        await head.heard.until(1);
        await head.link.stop();
        const next = await stage.startHead({ west: 'own' });
        await branch.link.send(batch(2));
        expect(numbersOf(await next.heard.until(1))).toEqual([2]);
      });

      it('that throws is reported and gets its message again, before the next', async () => {
        const { head, branch } = await stage.startPair();
        const ups = head.heard.ups.length;
        let failures = 2;
        head.heard.handle = async () => {
          if (failures-- > 0) throw new Error('the disk is full');
        };
        await Promise.all([branch.link.send(batch(1)), branch.link.send(batch(2))]);
        expect(numbersOf(await head.heard.until(4))).toEqual([1, 1, 1, 2]);
        const [problem] = head.heard.problems;
        expect(problem).toMatchObject({ type: 'handler-failed', office: 'west' });
        expect(problem!.detail).toContain('the disk is full');
        expect(head.heard.problems).toHaveLength(2);
        expect(head.heard.ups).toHaveLength(ups);
      });

      it('that throws without end for no passing reason is given up', async () => {
        const { head, branch } = await stage.startPair();
        head.heard.handle = async (message) => {
          if (numbersOf([message])[0] === 1) throw new DomainError('invariant-broken', 'a defect');
        };
        await Promise.all([branch.link.send(batch(1)), branch.link.send(batch(2))]);
        const problem = await head.heard.untilProblem('message-given-up');
        expect(problem.office).toBe('west');
        await eventually(() => expect(numbersWithoutRepeats(head.heard.messages)).toEqual([1, 2]));
        expect(head.heard.messages).toHaveLength(7);
      });

      it('that throws for a passing reason gets its message until it is dealt with', async () => {
        const { head, branch } = await stage.startPair();
        let failures = 8;
        head.heard.handle = async () => {
          if (failures-- > 0) throw new DomainError('busy', 'later');
        };
        await branch.link.send(batch(1));
        await branch.link.send(batch(2));
        await eventually(() => expect(numbersOf(head.heard.messages).at(-1)).toBe(2));
        expect(head.heard.messages).toHaveLength(10);
      });

      it('that stops consumption and throws gets its message when consumption goes on', async () => {
        const { head, branch } = await stage.startPair();
        head.heard.handle = async () => {
          await head.link.consumeUp(false);
          throw new DomainError('database-unavailable', 'away');
        };
        await Promise.all(range(1, 120).map((n) => branch.link.send(batch(n))));
        await head.heard.untilProblem('handler-failed');
        head.heard.handle = async () => {};
        expect(numbersOf(head.heard.messages)).toEqual([1]);
        await head.link.consumeUp(true);
        expect(numbersOf(await head.heard.until(121))).toEqual([1, ...range(1, 120)]);
      });
    });

    describe('an office', () => {
      it('cannot write as another', async () => {
        const { head, branch } = await stage.startPair('west');
        await branch.link.send(batch(1, 'east'));
        await branch.link.send(batch(2, 'west'));
        expect(numbersOf(await head.heard.until(1))).toEqual([2]);
        expect(head.heard.problems).toMatchObject([{ type: 'undecodable', office: 'west' }]);
      });

      it('that nobody declared is heard and answered', async () => {
        const head = await stage.startHead();
        await head.heard.untilUp();
        const stranger = await stage.startBranch('stranger');
        await stranger.heard.untilUp();
        await stranger.link.send({ ...UP_MESSAGES[0]!, office: 'stranger' } as UpMessage);
        await head.heard.until(1);
        await head.link.sendControl('stranger', answer(1));
        await head.link.sendControl('stranger', answer(2));
        expect(numbersOf(await stranger.heard.until(2))).toEqual([1, 2]);
        await head.link.publishFeed(run(3, 'shared'));
        await head.link.sendControl('stranger', answer(4));
        expect(numbersOf(await stranger.heard.until(3))).toEqual([1, 2, 4]);
      });

      it('with two living copies: each gets the answers to itself', async () => {
        const head = await stage.startHead({ west: 'own' });
        await head.heard.untilUp();
        const copies = [await stage.startBranch('west', 'first'), await stage.startBranch('west', 'second')];
        await Promise.all(copies.map(({ heard }) => heard.untilUp()));
        await head.link.declareBranch('west', 'own', 'first');
        await head.link.declareBranch('west', null, 'second');
        for (const n of range(1, 10))
          await head.link.sendControl('west', answer(n), n % 2 ? 'first' : 'second');
        await Promise.all(copies.map(({ heard }) => heard.until(5)));
        expect(numbersOf(copies[0]!.heard.messages)).toEqual([1, 3, 5, 7, 9]);
        expect(numbersOf(copies[1]!.heard.messages)).toEqual([2, 4, 6, 8, 10]);
      });

      it.each(['all', 'shared', 'West', 'a b', '#'])('cannot be called %s', async (office) => {
        const head = await stage.startHead();
        expect(await typeOf(head.link.declareBranch(office, 'own'))).toBe('invalid-office-id');
        expect(() => world.branch(office)).toThrow('No link can be made');
      });
    });

    describe('trouble', () => {
      it('a branch that starts before the head says so, and is up as soon as the head is', async () => {
        const branch = await stage.startBranch('west');
        await eventually(() => expect(branch.heard.downs).not.toHaveLength(0));
        expect(branch.heard.isUp).toBe(false);
        expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unroutable');
        const head = await stage.startHead({ west: 'own' });
        await branch.heard.untilUp();
        await branch.link.send(batch(2));
        expect(numbersOf(await head.heard.until(1))).toEqual([2]);
        await head.link.sendControl('west', answer(3));
        expect(numbersOf(await branch.heard.until(1))).toEqual([3]);
      });

      it('a start without a broker is no error', async () => {
        world.cut();
        const head = await stage.startHead({ west: 'own' });
        const branch = await stage.startBranch('west');
        expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unavailable');
        expect(await typeOf(head.link.sendControl('west', answer(1)))).toBe('link-unavailable');
        expect(await typeOf(head.link.publishFeed(run(1, 'all')))).toBe('link-unavailable');
        world.join();
        await Promise.all([head.heard.untilUp(), branch.heard.untilUp()]);
        await branch.link.send(batch(2));
        expect(numbersOf(await head.heard.until(1))).toEqual([2]);
      });

      it('a line that is cut: sends are refused, and both ends are told of the end and the beginning', async () => {
        const { head, branch } = await stage.startPair();
        world.cut('west');
        await branch.heard.untilDown();
        expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unavailable');
        expect(head.heard.isUp).toBe(true);
        await head.link.sendControl('west', answer(1));
        world.join('west');
        await branch.heard.untilUp();
        expect(branch.heard.ups).toHaveLength(2);
        await branch.link.send(batch(2));
        expect(numbersOf(await head.heard.until(1))).toEqual([2]);
        expect(numbersOf(await branch.heard.until(1))).toEqual([1]);
      });

      it('a broker that restarts keeps what it took', async () => {
        const { head, branch } = await stage.startPair();
        await head.link.consumeUp(false);
        await branch.link.consumeFeed(false);
        await Promise.all(range(1, 10).map((n) => branch.link.send(batch(n))));
        await Promise.all(range(1, 10).map((n) => head.link.publishFeed(run(n, 'shared'))));
        world.cut();
        await Promise.all([head.heard.untilDown(), branch.heard.untilDown()]);
        await head.link.consumeUp(true);
        await branch.link.consumeFeed(true);
        world.join();
        expect(numbersOf(await head.heard.until(10))).toEqual(range(1, 10));
        expect(numbersOf(await branch.heard.until(10))).toEqual(range(1, 10));
      });

      it('a broker that was wiped has everything again without being told to', async () => {
        const { head, branch } = await stage.startPair();
        await world.wipe();
        await eventually(() => expect([head.heard.ups.length, branch.heard.ups.length]).toEqual([2, 2]));
        await branch.link.send(batch(1));
        await head.link.publishFeed(run(2, 'shared'));
        await head.link.sendControl('west', answer(3));
        expect(numbersOf(await head.heard.until(1))).toEqual([1]);
        expect(numbersOf(await branch.heard.until(2)).sort()).toEqual([2, 3]);
      });

      it('callbacks that throw do not end the link', async () => {
        const { head, branch } = await stage.startPair();
        branch.heard.events.onUp = () => {
          throw new Error('a defect of the owner');
        };
        world.cut('west');
        await branch.heard.untilDown();
        world.join('west');
        await branch.heard.untilProblem('handler-failed');
        await branch.link.send(batch(1));
        expect(numbersOf(await head.heard.until(1))).toEqual([1]);
      });
    });

    describe('stop', () => {
      it('waits for what is under way', async () => {
        const { head, branch } = await stage.startPair();
        const { passed, open } = gate();
        branch.heard.handle = () => passed;
        await head.link.sendControl('west', answer(1));
        await branch.heard.until(1);
        const sent = Promise.all(range(1, 50).map((n) => branch.link.send(batch(n))));
        const stopped = branch.link.stop();
        open();
        await Promise.all([sent, stopped]);
        expect(numbersOf(await head.heard.until(50))).toEqual(range(1, 50));
        const again = await stage.startBranch('west');
        await head.link.sendControl('west', answer(2));
        expect(numbersOf(await again.heard.until(1))).toEqual([2]);
      });

      it('leaves nothing behind, and nothing is told after it', async () => {
        const before = openHandles().length;
        const { head, branch } = await stage.startPair();
        await branch.link.send(batch(1));
        await head.heard.until(1);
        await Promise.all([head.link.stop(), branch.link.stop()]);
        const told = [head, branch].map(({ heard }) => [heard.downs.length, heard.problems.length]);
        expect(told).toEqual([
          [0, 0],
          [0, 0],
        ]);
        await eventually(() => expect(openHandles().length).toBeLessThanOrEqual(before));
        expect(await typeOf(branch.link.send(batch(2)))).toBe('link-unavailable');
      });

      it('leaves nothing behind while there is no broker', async () => {
        world.cut();
        const before = openHandles().length;
        const head = await stage.startHead();
        const branch = await stage.startBranch('west');
        await Promise.all([head.link.stop(), branch.link.stop()]);
        await eventually(() => expect(openHandles().length).toBeLessThanOrEqual(before));
      });
    });
  });
}
