// What a link does about queues and exchanges that are gone, or not as it wants them.
import { answer, batch, numbersOf, run, typeOf } from '../contract/link-world.ts';
import { eventually } from '../harness/wait.ts';
import { brokerStage, HELLO } from './amqp-stage.ts';

const stage = brokerStage();

describe('a queue that is deleted while in use', () => {
  it('of the head is made again, and messages come through it', async () => {
    const { head, branch } = await stage.startPair();
    await stage.channel.deleteQueue('branchline.up');
    await eventually(async () => expect(await typeOf(branch.link.send(batch(1)))).toBe('sent'));
    await head.heard.until(1);
  });

  it.each(['branchline.control.west', 'branchline.feed.west'])(
    '%s: the branch greets anew',
    async (queue) => {
      const { head, branch } = await stage.startPair();
      await stage.channel.deleteQueue(queue);
      await eventually(() => expect(branch.heard.ups).toHaveLength(2));
      expect(branch.heard.downs).toEqual([`Queue ${queue} is gone`]);
      await branch.link.send(HELLO);
      await head.heard.until(1);
      await head.link.declareBranch('west', 'own');
      await head.link.sendControl('west', answer(1));
      await head.link.publishFeed(run(2, 'shared'));
      expect(numbersOf(await branch.heard.until(2)).sort()).toEqual([1, 2]);
    },
  );

  it('is made again by an answer that finds it missing', async () => {
    const { head, branch } = await stage.startPair();
    await branch.link.stop();
    await stage.channel.deleteQueue('branchline.control.west');
    const sent: Promise<void>[] = [];
    let settled = 0;
    // One round trip apart, until several were taken: the queue is made while these go out.
    while (settled < 10) {
      const number = sent.length + 1;
      sent.push(head.link.sendControl('west', answer(number)).finally(() => settled++));
      await stage.channel.checkExchange('branchline.control');
    }
    await Promise.all(sent);
    const again = await stage.startBranch();
    expect(numbersOf(await again.heard.until(sent.length))).toEqual(sent.map((_, i) => i + 1));
  });
});

describe('what the broker refuses to declare', () => {
  it('a queue with other arguments is named once, and used as it is', async () => {
    await stage.channel.assertQueue('branchline.feed.west', {
      durable: true,
      arguments: { 'x-max-length-bytes': 4096 },
    });
    const head = await stage.startHead();
    await head.heard.untilUp();
    const problem = await head.heard.untilProblem('declaration-refused');
    expect(problem.detail).toContain('branchline.feed.west');
    expect(problem.detail).toContain('x-max-length-bytes');
    const branch = await stage.startBranch();
    await branch.heard.untilUp();
    await head.link.publishFeed(run(1, 'shared'));
    expect(numbersOf(await branch.heard.until(1))).toEqual([1]);
    expect(head.heard.problems).toHaveLength(1);
  });

  it('every greeting declares again and tells nothing new', async () => {
    await stage.channel.assertQueue('branchline.feed.west', { durable: true });
    const head = await stage.startHead();
    await head.heard.untilUp();
    await head.link.declareBranch('west', 'own');
    const told = head.heard.problems.length;
    for (let i = 0; i < 5; i++) await head.link.declareBranch('west', 'own');
    expect(head.heard.problems).toHaveLength(told);
  });

  it('an exchange of another type', async () => {
    await stage.channel.assertExchange('branchline.down', 'direct', { durable: true });
    const head = await stage.startHead();
    const problem = await head.heard.untilProblem('declaration-refused');
    expect(problem.detail).toContain('exchange branchline.down');
    await head.heard.untilUp();
  });

  it('a consumer: tried again in growing pauses, told once, and taken when it can be', async () => {
    await stage.channel.assertQueue('branchline.control.west', { durable: true });
    await stage.channel.consume('branchline.control.west', () => undefined, { exclusive: true });
    const head = await stage.startHead();
    await head.heard.untilUp();
    const branch = await stage.startBranch();
    const problem = await branch.heard.untilProblem('consume-refused');
    expect(problem.detail).toContain('branchline.control.west');
    await branch.heard.untilUp();
    await stage.channel.close();
    await head.link.sendControl('west', answer(1));
    expect(numbersOf(await branch.heard.until(1))).toEqual([1]);
    expect(branch.heard.problems).toHaveLength(1);
  });
});
