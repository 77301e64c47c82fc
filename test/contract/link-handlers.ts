import { DomainError } from '../../domain/errors.ts';
import type { UpMessage } from '../../domain/sync/messages.ts';
import { eventually } from '../harness/wait.ts';
import { answer, batch, gate, numbersOf, range, run, type Stage } from './link-world.ts';

const numbersWithoutRepeats = (messages: Parameters<typeof numbersOf>[0]): number[] => [
  ...new Set(numbersOf(messages)),
];

/** What a link does with those who handle its messages. */
export function handlersContract(stage: Stage): void {
  describe('a handler', () => {
    oneAtATime(stage);
    unfinished(stage);
    throwing(stage);
  });
}

function oneAtATime(stage: Stage): void {
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
}

function unfinished(stage: Stage): void {
  it('that has not returned when the line breaks gets its message again', async () => {
    const { head, branch } = await stage.startPair();
    const { passed, open } = gate();
    head.heard.handle = () => passed;
    await branch.link.send(batch(1));
    await branch.link.send(batch(2));
    await head.heard.until(1);
    stage.world.cut();
    await head.heard.untilDown();
    open();
    stage.world.join();
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
}

function throwing(stage: Stage): void {
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
}
