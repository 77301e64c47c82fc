import { eventually } from '../harness/wait.ts';
import { answer, batch, numbersOf, range, run, typeOf, type Stage } from './link-world.ts';

/** What a link does when a line, the head or the broker is away. */
export function troubleContract(stage: Stage): void {
  describe('trouble', () => {
    brokenLines(stage);
    brokerTrouble(stage);
  });
}

function brokenLines(stage: Stage): void {
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
    stage.world.cut();
    const head = await stage.startHead({ west: 'own' });
    const branch = await stage.startBranch('west');
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unavailable');
    expect(await typeOf(head.link.sendControl('west', answer(1)))).toBe('link-unavailable');
    expect(await typeOf(head.link.publishFeed(run(1, 'all')))).toBe('link-unavailable');
    stage.world.join();
    await Promise.all([head.heard.untilUp(), branch.heard.untilUp()]);
    await branch.link.send(batch(2));
    expect(numbersOf(await head.heard.until(1))).toEqual([2]);
  });

  it('a line that is cut: sends are refused, and both ends are told of the end and the beginning', async () => {
    const { head, branch } = await stage.startPair();
    stage.world.cut('west');
    await branch.heard.untilDown();
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unavailable');
    expect(head.heard.isUp).toBe(true);
    await head.link.sendControl('west', answer(1));
    stage.world.join('west');
    await branch.heard.untilUp();
    expect(branch.heard.ups).toHaveLength(2);
    await branch.link.send(batch(2));
    expect(numbersOf(await head.heard.until(1))).toEqual([2]);
    expect(numbersOf(await branch.heard.until(1))).toEqual([1]);
  });
}

function brokerTrouble(stage: Stage): void {
  it('a broker that restarts keeps what it took', async () => {
    const { head, branch } = await stage.startPair();
    await head.link.consumeUp(false);
    await branch.link.consumeFeed(false);
    await Promise.all(range(1, 10).map((n) => branch.link.send(batch(n))));
    await Promise.all(range(1, 10).map((n) => head.link.publishFeed(run(n, 'shared'))));
    stage.world.cut();
    await Promise.all([head.heard.untilDown(), branch.heard.untilDown()]);
    await head.link.consumeUp(true);
    await branch.link.consumeFeed(true);
    stage.world.join();
    expect(numbersOf(await head.heard.until(10))).toEqual(range(1, 10));
    expect(numbersOf(await branch.heard.until(10))).toEqual(range(1, 10));
  });

  it('a broker that was wiped has everything again without being told to', async () => {
    const { head, branch } = await stage.startPair();
    await stage.world.wipe();
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
    stage.world.cut('west');
    await branch.heard.untilDown();
    stage.world.join('west');
    await branch.heard.untilProblem('handler-failed');
    await branch.link.send(batch(1));
    expect(numbersOf(await head.heard.until(1))).toEqual([1]);
  });
}
