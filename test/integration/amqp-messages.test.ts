// What a link does with messages that are none or find no way, and how soon a greeting is answered.
import { createAmqpBranchLink } from '../../mixins/link/amqp-branch.ts';
import { encodeMessage } from '../../mixins/link/envelope.ts';
import { QUICK } from '../contract/amqp-world.ts';
import { answer, batch, gate, numbersOf, typeOf, Listener, type BranchEnd } from '../contract/link-world.ts';
import { eventually } from '../harness/wait.ts';
import { brokerStage, HELLO } from './amqp-stage.ts';

const stage = brokerStage();

describe('a message that is none', () => {
  it.each([
    ['undecodable', Buffer.from('{"kind":"batch"}')],
    ['undecodable', Buffer.alloc(0)],
    ['wire-version-unknown', Buffer.concat([Uint8Array.of(0xb7, 9), encodeMessage(HELLO).subarray(2)])],
  ])('%s: reported with its office, dropped, and in nobody’s way', async (type, body) => {
    const { head, branch } = await stage.startPair();
    stage.channel.publish('branchline.up', 'west', body);
    stage.channel.publish('branchline.control', 'west', body);
    expect((await head.heard.untilProblem(type)).office).toBe('west');
    await branch.heard.untilProblem(type);
    await branch.link.send(batch(1));
    await head.link.sendControl('west', answer(2));
    expect(numbersOf(await head.heard.until(1))).toEqual([1]);
    expect(numbersOf(await branch.heard.until(1))).toEqual([2]);
    expect([head.heard.problems.length, branch.heard.problems.length]).toEqual([1, 1]);
  });
});

describe('a message that finds no way', () => {
  it('a full queue at the head refuses, and takes again when it is read', async () => {
    const head = await stage.startHead({ upQueueBytes: 20_000 });
    await head.heard.untilUp();
    await head.link.consumeUp(false);
    const branch = await stage.startBranch();
    await branch.heard.untilUp();
    const send = (n: number): Promise<string> => {
      const message = batch(n, 'west', 4_000);
      crypto.getRandomValues(message.events[0]!);
      return typeOf(branch.link.send(message));
    };
    let sent = 0;
    for (let answered = 'sent'; answered === 'sent'; sent++) {
      answered = await send(sent + 1);
      if (answered !== 'sent') expect(answered).toBe('link-unavailable');
    }
    expect(sent).toBeLessThan(20);
    await head.link.consumeUp(true);
    await eventually(async () => expect(await send(1_000)).toBe('sent'));
    expect(branch.heard.downs).toEqual([]);
  });

  it('the head’s queue is missing: unroutable, and the link stays up', async () => {
    const { head, branch } = await stage.startPair();
    await head.link.stop();
    await stage.channel.deleteQueue('branchline.up');
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unroutable');
    expect(branch.heard.downs).toEqual([]);
    await stage.startHead();
    await eventually(async () => expect(await typeOf(branch.link.send(batch(1)))).toBe('sent'));
  });

  it('the exchange is missing: unroutable, down until it is there again', async () => {
    const { head, branch } = await stage.startPair();
    await head.link.stop();
    await stage.channel.deleteExchange('branchline.up');
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unroutable');
    await branch.heard.untilDown();
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unroutable');
    await stage.startHead();
    await branch.heard.untilUp();
    await branch.link.send(batch(1));
  });
});

describe('a greeting', () => {
  it('of a process whose queue does not exist yet is answered in well under a second', async () => {
    const head = await stage.startHead();
    await head.heard.untilUp();
    head.heard.handle = async ({ office, instance }) => {
      await head.link.declareBranch(office, 'own', instance);
      await head.link.sendControl(office, answer(1), instance);
    };
    const begun = performance.now();
    const link = createAmqpBranchLink({ ...QUICK, url: stage.url, office: 'west', instance: 'process-1' });
    stage.stopLater(link);
    const heard: BranchEnd['heard'] = new Listener();
    const { passed: answered, open } = gate();
    heard.handle = async () => open();
    const onUp = (): void => void link.send(HELLO);
    await link.start({ ...heard.events, onUp });
    await answered;
    expect(performance.now() - begun).toBeLessThan(800);
  });
});
