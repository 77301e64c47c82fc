import { eventually } from '../harness/wait.ts';
import { answer, FEED_QUEUE_BYTES, numbersOf, range, run, type Stage } from './link-world.ts';

/** What a link does with the feed. */
export function feedContract(stage: Stage): void {
  describe('the feed', () => {
    streams(stage);
    keptFeed(stage);
    unwantedFeed(stage);
  });
}

function streams(stage: Stage): void {
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
}

function keptFeed(stage: Stage): void {
  it('waits for a branch whose line is cut', async () => {
    const { head, branch } = await stage.startPair();
    stage.world.cut('west');
    await branch.heard.untilDown();
    for (const n of range(1, 20)) await head.link.publishFeed(run(n, 'shared'));
    stage.world.join('west');
    expect(numbersOf(await branch.heard.until(20))).toEqual(range(1, 20));
  });

  it('of a branch that stays away is bounded, and loses its oldest', async () => {
    const { head, branch } = await stage.startPair();
    stage.world.cut('west');
    await branch.heard.untilDown();
    const events = 40;
    for (const n of range(1, events)) {
      const message = run(n, 'shared', FEED_QUEUE_BYTES / 16);
      crypto.getRandomValues(message.events[0]!.bytes);
      await head.link.publishFeed(message);
    }
    stage.world.join('west');
    await eventually(() => expect(numbersOf(branch.heard.messages)).toContain(events));
    const kept = numbersOf(branch.heard.messages);
    expect(kept).toEqual(range(events - kept.length + 1, events));
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(20);
  });
}

function unwantedFeed(stage: Stage): void {
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
    stage.world.cut('west');
    await branch.heard.untilDown();
    await head.link.publishFeed(run(1, 'shared'));
    stage.world.join('west');
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
}
