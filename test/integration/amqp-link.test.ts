import { setTimeout as pace } from 'node:timers/promises';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { errorType } from '../../domain/errors.ts';
import type { BranchLink, HeadLink } from '../../mixins/link/link.ts';
import { createAmqpBranchLink } from '../../mixins/link/amqp-branch.ts';
import { createAmqpHeadLink } from '../../mixins/link/amqp-head.ts';
import type { AmqpOptions } from '../../mixins/link/amqp-options.ts';
import { upQueues } from '../../mixins/link/amqp-topology.ts';
import { encodeMessage } from '../../mixins/link/envelope.ts';
import { deleteEverything, QUICK } from '../contract/amqp-world.ts';
import type { UpMessage } from '../../domain/sync/messages.ts';
import { UP_MESSAGES } from '../contract/link-messages.ts';
import {
  answer,
  batch,
  gate,
  Listener,
  numbersOf,
  run,
  type BranchEnd,
  type HeadEnd,
} from '../contract/link-world.ts';
import { TcpProxy } from '../contract/tcp-proxy.ts';
import { testAmqp, type TestPlace } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';

/** What only a broker can do to a link. */

const OFFICES = ['west', 'east', 'north', 'south'];
const HELLO = UP_MESSAGES[0]!;

let place: TestPlace;
let admin: ChannelModel;
let channel: Channel;
let links: (BranchLink | HeadLink)[];
let proxies: TcpProxy[];

beforeAll(async () => {
  place = await testAmqp();
  admin = await connect(place.url);
});

afterAll(async () => {
  await admin.close();
  await place.drop();
});

beforeEach(async () => {
  links = [];
  proxies = [];
  channel = await admin.createChannel();
  channel.on('error', () => undefined);
});

afterEach(async () => {
  await Promise.all(links.map((link) => link.stop()));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await channel.close().catch(() => undefined);
  await deleteEverything(place.url, OFFICES);
});

async function openProxy(): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(place.url);
  proxies.push(proxy);
  return proxy;
}

async function startHead(options: Partial<Parameters<typeof createAmqpHeadLink>[0]> = {}): Promise<HeadEnd> {
  const end: HeadEnd = {
    link: createAmqpHeadLink({ ...QUICK, url: place.url, ...options }),
    heard: new Listener(),
  };
  links.push(end.link);
  await end.link.declareBranch('west', 'own');
  await end.link.start(end.heard.events);
  return end;
}

async function startBranch(office = 'west', options: Partial<AmqpOptions> = {}): Promise<BranchEnd> {
  const link = createAmqpBranchLink({ ...QUICK, url: place.url, office, ...options });
  const end: BranchEnd = { link, heard: new Listener() };
  links.push(link);
  await link.start(end.heard.events);
  return end;
}

async function startPair(): Promise<{ head: HeadEnd; branch: BranchEnd }> {
  const head = await startHead();
  await head.heard.untilUp();
  const branch = await startBranch();
  await branch.heard.untilUp();
  return { head, branch };
}

async function existing(queues: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const queue of queues) {
    const asking = await admin.createChannel();
    asking.on('error', () => undefined);
    const isThere = await asking.checkQueue(queue).then(
      () => true,
      () => false,
    );
    if (isThere) found.push(queue);
    if (isThere) await asking.close();
  }
  return found;
}

const typeOf = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'sent',
    (error: unknown) => errorType(error),
  );

describe('a queue that is deleted while in use', () => {
  it('of the head is made again, and messages come through it', async () => {
    const { head, branch } = await startPair();
    await channel.deleteQueue('branchline.up');
    await eventually(async () => expect(await typeOf(branch.link.send(batch(1)))).toBe('sent'));
    await head.heard.until(1);
  });

  it.each(['branchline.control.west', 'branchline.feed.west'])(
    '%s: the branch greets anew',
    async (queue) => {
      const { head, branch } = await startPair();
      await channel.deleteQueue(queue);
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
    const { head, branch } = await startPair();
    await branch.link.stop();
    await channel.deleteQueue('branchline.control.west');
    const numbers = Array.from({ length: 50 }, (_, n) => n + 1);
    const sent: Promise<void>[] = [];
    for (const n of numbers) {
      sent.push(head.link.sendControl('west', answer(n)));
      await pace(1); // the queue is made while these go out
    }
    await Promise.all(sent);
    const again = await startBranch();
    expect(numbersOf(await again.heard.until(50))).toEqual(numbers);
  });
});

describe('what the broker refuses to declare', () => {
  it('a queue with other arguments is named once, and used as it is', async () => {
    await channel.assertQueue('branchline.feed.west', {
      durable: true,
      arguments: { 'x-max-length-bytes': 4096 },
    });
    const head = await startHead();
    await head.heard.untilUp();
    const problem = await head.heard.untilProblem('declaration-refused');
    expect(problem.detail).toContain('branchline.feed.west');
    expect(problem.detail).toContain('x-max-length-bytes');
    const branch = await startBranch();
    await branch.heard.untilUp();
    await head.link.publishFeed(run(1, 'shared'));
    expect(numbersOf(await branch.heard.until(1))).toEqual([1]);
    expect(head.heard.problems).toHaveLength(1);
  });

  it('every greeting declares again and tells nothing new', async () => {
    await channel.assertQueue('branchline.feed.west', { durable: true });
    const head = await startHead();
    await head.heard.untilUp();
    await head.link.declareBranch('west', 'own');
    const told = head.heard.problems.length;
    for (let i = 0; i < 5; i++) await head.link.declareBranch('west', 'own');
    expect(head.heard.problems).toHaveLength(told);
  });

  it('an exchange of another type', async () => {
    await channel.assertExchange('branchline.down', 'direct', { durable: true });
    const head = await startHead();
    const problem = await head.heard.untilProblem('declaration-refused');
    expect(problem.detail).toContain('exchange branchline.down');
    await head.heard.untilUp();
  });

  it('a consumer: tried again in growing pauses, told once, and taken when it can be', async () => {
    await channel.assertQueue('branchline.control.west', { durable: true });
    await channel.consume('branchline.control.west', () => undefined, { exclusive: true });
    const head = await startHead();
    await head.heard.untilUp();
    const branch = await startBranch();
    const problem = await branch.heard.untilProblem('consume-refused');
    expect(problem.detail).toContain('branchline.control.west');
    await branch.heard.untilUp();
    await channel.close();
    await head.link.sendControl('west', answer(1));
    expect(numbersOf(await branch.heard.until(1))).toEqual([1]);
    expect(branch.heard.problems).toHaveLength(1);
  });
});

describe('a message that is none', () => {
  it.each([
    ['undecodable', Buffer.from('{"kind":"batch"}')],
    ['undecodable', Buffer.alloc(0)],
    ['wire-version-unknown', Buffer.concat([Uint8Array.of(0xb7, 9), encodeMessage(HELLO).subarray(2)])],
  ])('%s: reported with its office, dropped, and in nobody’s way', async (type, body) => {
    const { head, branch } = await startPair();
    channel.publish('branchline.up', 'west', body);
    channel.publish('branchline.control', 'west', body);
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
    const head = await startHead({ upQueueBytes: 20_000 });
    await head.heard.untilUp();
    await head.link.consumeUp(false);
    const branch = await startBranch();
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
    const { head, branch } = await startPair();
    await head.link.stop();
    await channel.deleteQueue('branchline.up');
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unroutable');
    expect(branch.heard.downs).toEqual([]);
    await startHead();
    await eventually(async () => expect(await typeOf(branch.link.send(batch(1)))).toBe('sent'));
  });

  it('the exchange is missing: unroutable, down until it is there again', async () => {
    const { head, branch } = await startPair();
    await head.link.stop();
    await channel.deleteExchange('branchline.up');
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unroutable');
    await branch.heard.untilDown();
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unroutable');
    await startHead();
    await branch.heard.untilUp();
    await branch.link.send(batch(1));
  });
});

describe('a greeting', () => {
  it('of a process whose queue does not exist yet is answered in well under a second', async () => {
    const head = await startHead();
    await head.heard.untilUp();
    head.heard.handle = async ({ office, instance }) => {
      await head.link.declareBranch(office, 'own', instance);
      await head.link.sendControl(office, answer(1), instance);
    };
    const begun = performance.now();
    const link = createAmqpBranchLink({ ...QUICK, url: place.url, office: 'west', instance: 'process-1' });
    links.push(link);
    const heard: BranchEnd['heard'] = new Listener();
    const { passed: answered, open } = gate();
    heard.handle = async () => open();
    const onUp = (): void => void link.send(HELLO);
    await link.start({ ...heard.events, onUp });
    await answered;
    expect(performance.now() - begun).toBeLessThan(800);
  });
});

describe('a slow line', () => {
  it('is not given up while it carries one message after the other', async () => {
    const head = await startHead();
    await head.heard.untilUp();
    const proxy = await openProxy();
    const branch = await startBranch('west', { url: proxy.through(place.url), confirmMs: 300 });
    await branch.heard.untilUp();
    proxy.slow(100_000);
    const messages = [1, 2, 3, 4, 5].map((n) => batch(n, 'west', 50_000));
    for (const { events } of messages) crypto.getRandomValues(events[0]!);
    const sent = await Promise.all(messages.map((message) => typeOf(branch.link.send(message))));
    expect(sent).toEqual(messages.map(() => 'sent'));
    expect(branch.heard.downs).toEqual([]);
    expect(numbersOf(await head.heard.until(5))).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a line that stands but carries nothing', () => {
  it('is given up when a confirm does not come', async () => {
    const head = await startHead();
    await head.heard.untilUp();
    const proxy = await openProxy();
    const branch = await startBranch('west', { url: proxy.through(place.url), confirmMs: 300 });
    await branch.heard.untilUp();
    proxy.silence();
    expect(await typeOf(branch.link.send(batch(1)))).toBe('link-unavailable');
    expect(branch.heard.downs).toEqual(['The broker does not answer']);
    await branch.heard.untilUp();
    await branch.link.send(batch(2));
    expect(numbersOf(await head.heard.until(1))).toEqual([2]);
  });

  it('is noticed by the heartbeat when there is nothing to send', async () => {
    const head = await startHead();
    await head.heard.untilUp();
    const proxy = await openProxy();
    const branch = await startBranch('west', { url: proxy.through(place.url), heartbeatSeconds: 1 });
    await branch.heard.untilUp();
    proxy.silence();
    await eventually(() => expect(branch.heard.downs).toEqual(['Heartbeat timeout']));
    await branch.heard.untilUp();
    await branch.link.send(batch(2));
    expect(numbersOf(await head.heard.until(1))).toEqual([2]);
  });

  it('does not hold up the stop', async () => {
    const head = await startHead();
    await head.heard.untilUp();
    const proxy = await openProxy();
    const branch = await startBranch('west', { url: proxy.through(place.url), stopMs: 100 });
    await branch.heard.untilUp();
    proxy.silence();
    const sent = typeOf(branch.link.send(batch(1)));
    await branch.link.stop();
    expect(await sent).toBe('link-unavailable');
    await eventually(() => expect(proxy.connections).toBe(0));
  });
});

describe('secrets', () => {
  it('a refused login says so without the password', async () => {
    const url = new URL(place.url);
    url.password = 'correct horse & battery';
    const branch = await startBranch('west', { url: url.href });
    await eventually(() => expect(branch.heard.downs.join()).toContain('ACCESS_REFUSED'));
    const told = JSON.stringify([
      branch.heard,
      await branch.link.send(HELLO).catch((error: Error) => error.message),
    ]);
    expect(told).not.toMatch(/horse|battery|correct/);
  });

  it('a url that is none is refused without showing it', () => {
    for (const url of ['amqp//x:secret@host', 'http://x:secret@host', 'secret', ''])
      expect(() => createAmqpHeadLink({ url })).toThrow(/^The link needs a url like/);
  });
});

function numberUpTo10(message: UpMessage): string[] {
  return message.kind === 'batch' && message.firstSeq <= 10 ? [`${message.office} ${message.firstSeq}`] : [];
}

describe('partitions', () => {
  const offices = [...OFFICES];

  async function sendFromAll(count: number): Promise<void> {
    const branches = await Promise.all(offices.map((office) => startBranch(office)));
    await Promise.all(branches.map(({ heard }) => heard.untilUp()));
    for (const [i, { link }] of branches.entries())
      await Promise.all(Array.from({ length: count }, (_, n) => link.send(batch(n + 1, offices[i]))));
  }

  it('spread the offices over the head’s nodes, each office in order at one of them', async () => {
    const heads = [await startHead({ partitions: 8 }), await startHead({ partitions: 8 })];
    await Promise.all(heads.map(({ heard }) => heard.untilUp()));
    await sendFromAll(50);
    await eventually(() =>
      expect(heads.reduce((sum, { heard }) => sum + heard.messages.length, 0)).toBe(50 * offices.length),
    );
    for (const office of offices) {
      const seen = heads.map(({ heard }) =>
        numbersOf(heard.messages.filter((message) => message.kind === 'batch' && message.office === office)),
      );
      expect(seen.map((numbers) => numbers.length).sort((a, b) => a - b)).toEqual([0, 50]);
      expect(seen.flat()).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    }
  });

  it('can be changed: nothing is lost, and nothing waits in a queue that nobody reads', async () => {
    for (const partitions of [3, 1, 2]) {
      const head = await startHead({ partitions });
      await head.heard.untilUp();
      await sendFromAll(10);
      // A head that stopped may have left its last ones unacknowledged: those come again.
      const heard = () => new Set(head.heard.messages.flatMap(numberUpTo10));
      await eventually(() => expect(heard().size).toBe(10 * offices.length));
      await head.link.stop();
      expect(await existing([...upQueues(1), ...upQueues(4)])).toEqual(upQueues(partitions));
    }
  });

  it('are a number from 1 to 64', () => {
    for (const partitions of [0, 65, 1.5, Number.NaN])
      expect(() => createAmqpHeadLink({ url: place.url, partitions })).toThrow('partitions');
  });
});
