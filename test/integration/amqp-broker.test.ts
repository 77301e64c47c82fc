import { errorType } from '../../domain/errors.ts';
import { createAmqpBranchLink } from '../../mixins/link/amqp-branch.ts';
import { createAmqpHeadLink } from '../../mixins/link/amqp-head.ts';
import { QUICK } from '../contract/amqp-world.ts';
import {
  answer,
  batch,
  Listener,
  numbersOf,
  run,
  type BranchEnd,
  type HeadEnd,
} from '../contract/link-world.ts';
import { startRabbitMq, type RabbitMqServer } from '../harness/rabbitmq.ts';
import { eventually } from '../harness/wait.ts';

/** A broker of its own, because it is stopped, emptied, frozen and starved. */

const BROKER_MS = 60_000;
const CONFIRM_MS = 600;

let server: RabbitMqServer;
let head: HeadEnd;
let branch: BranchEnd;

beforeAll(async () => {
  server = await startRabbitMq();
}, BROKER_MS);

afterAll(() => server.remove(), BROKER_MS);

beforeEach(async () => {
  const options = { ...QUICK, url: server.url, confirmMs: CONFIRM_MS, answerMs: 1_000 };
  head = { link: createAmqpHeadLink(options), heard: new Listener() };
  branch = { link: createAmqpBranchLink({ ...options, office: 'west' }), heard: new Listener() };
  await head.link.declareBranch('west', 'own');
  await head.link.start(head.heard.events);
  await branch.link.start(branch.heard.events);
  await Promise.all([head.heard.untilUp(), branch.heard.untilUp()]);
});

afterEach(async () => {
  await Promise.all([head.link.stop(), branch.link.stop()]);
});

const typeOf = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'sent',
    (error: unknown) => errorType(error),
  );

async function untilBothUpAgain(): Promise<void> {
  await eventually(() => {
    for (const { isUp, ups } of [head.heard, branch.heard])
      expect([isUp, ups.length > 1]).toEqual([true, true]);
  }, BROKER_MS);
}

async function talk(): Promise<void> {
  const untilSent = (send: () => Promise<void>): Promise<void> =>
    eventually(async () => expect(await typeOf(send())).toBe('sent'), BROKER_MS);
  await untilSent(() => branch.link.send(batch(91)));
  await untilSent(() => head.link.publishFeed(run(92, 'shared')));
  await untilSent(() => head.link.sendControl('west', answer(93)));
  await eventually(() => expect(numbersOf(head.heard.messages)).toContain(91));
  await eventually(() => expect(numbersOf(branch.heard.messages)).toEqual(expect.arrayContaining([92, 93])));
}

it(
  'that restarts keeps what it confirmed',
  async () => {
    await head.link.consumeUp(false);
    await branch.link.consumeFeed(false);
    for (const n of [1, 2, 3]) await branch.link.send(batch(n));
    for (const n of [4, 5, 6]) await head.link.publishFeed(run(n, 'west'));
    await server.restart();
    await head.link.consumeUp(true);
    await branch.link.consumeFeed(true);
    await untilBothUpAgain();
    expect(numbersOf(await head.heard.until(3))).toEqual([1, 2, 3]);
    expect(numbersOf(await branch.heard.until(3))).toEqual([4, 5, 6]);
    await talk();
  },
  BROKER_MS,
);

it(
  'that comes back without its disk has everything again',
  async () => {
    await server.wipe();
    await untilBothUpAgain();
    await talk();
  },
  BROKER_MS,
);

it(
  'that is killed and stays away: refusals that pass, no crash, and the link again when it is back',
  async () => {
    await server.kill();
    await Promise.all([head.heard.untilDown(), branch.heard.untilDown()]);
    for (let n = 1; n < 20; n++) expect(await typeOf(branch.link.send(batch(n)))).toBe('link-unavailable');
    await eventually(() => expect(branch.heard.downs.join()).toContain('ECONNREFUSED'));
    await server.restart();
    await untilBothUpAgain();
    await talk();
  },
  BROKER_MS,
);

it(
  'that answers nothing any more: sends end at their deadline',
  async () => {
    server.freeze();
    const begun = performance.now();
    const sends = [batch(21), batch(22)].map((message) => typeOf(branch.link.send(message)));
    expect(await Promise.all(sends)).toEqual(['link-unavailable', 'link-unavailable']);
    expect(performance.now() - begun).toBeLessThan(CONFIRM_MS + 400);
    await branch.heard.untilDown();
    server.thaw();
    await eventually(() => expect(branch.heard.isUp).toBe(true), BROKER_MS);
    await talk();
  },
  BROKER_MS,
);

it(
  'that is short of memory blocks: told as such, nothing is sent late, and it goes on by itself',
  async () => {
    await server.ctl('set_vm_memory_high_watermark', '0');
    const first = typeOf(branch.link.send(batch(31))); // the one that makes the broker say so
    await eventually(() => expect(branch.heard.downs.join()).toMatch(/takes nothing more: .*memory/));
    expect(await typeOf(branch.link.send(batch(32)))).toBe('link-unavailable');
    expect(await first).toBe('link-unavailable');
    await server.ctl('set_vm_memory_high_watermark', '0.8');
    await eventually(() => expect(branch.heard.ups).toHaveLength(2));
    await branch.link.send(batch(33));
    await eventually(() => expect(numbersOf(head.heard.messages).at(-1)).toBe(33));
    expect(numbersOf(head.heard.messages)).not.toContain(32);
    expect(branch.heard.downs).toHaveLength(1);
  },
  BROKER_MS,
);

it(
  'with a lower limit of size than ours refuses the large message and no other for good',
  async () => {
    await server.ctl('eval', 'application:set_env(rabbit, max_message_size, 100000).');
    await server.ctl('eval', 'persistent_term:put(max_message_size, 100000).');
    await server.ctl('close_all_connections', 'limits are read by new ones');
    await untilBothUpAgain();
    const large = batch(1, 'west', 200_000);
    crypto.getRandomValues(large.events[0]!.subarray(0, 65_536));
    crypto.getRandomValues(large.events[0]!.subarray(65_536, 131_072));
    expect(await typeOf(branch.link.send(large))).toBe('message-too-large');
    await eventually(async () => expect(await typeOf(branch.link.send(batch(2)))).toBe('sent'));
  },
  BROKER_MS,
);
