import { connect, type ChannelModel } from 'amqplib';
import { errorType } from '../../domain/errors.ts';
import { grant } from '../../deploy/grant-broker-users.ts';
import { createAmqpBranchLink } from '../../mixins/link/amqp-branch.ts';
import { createAmqpHeadLink } from '../../mixins/link/amqp-head.ts';
import { readConfig } from '../../mixins/config.ts';
import { checkBroker } from '../../mixins/doctor/check-broker.ts';
import { branchRights, headRights, type BrokerRights } from '../../mixins/link/amqp-rights.ts';
import { feedQueue, upQueues } from '../../mixins/link/amqp-topology.ts';
import { encodeMessage } from '../../mixins/link/envelope.ts';
import type { BranchLink, HeadLink } from '../../mixins/link/link.ts';
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
import { testAmqp, testAmqpManagementUrl, type TestPlace } from '../harness/servers.ts';
import { deleteUser } from '../harness/rabbitmq-vhosts.ts';
import { eventually } from '../harness/wait.ts';

/** Each office as a user of its own, with the rights that `offices add` and the compose file give. */

const INSTANCE = 'process-1';
let place: TestPlace;
let vhost: string;
const urls = new Map<string, string>();
let links: (BranchLink | HeadLink)[];
let head: HeadEnd;

async function addUser(office: string, rights: BrokerRights): Promise<void> {
  const url = new URL(place.url);
  url.username = `${vhost}-${office}`;
  url.password = `password of ${office}`;
  const password = decodeURIComponent(url.password);
  await grant(testAmqpManagementUrl(), vhost, { name: url.username, password, rights });
  urls.set(office, url.href);
}

const urlOf = (office: string): string => urls.get(office)!;

beforeAll(async () => {
  place = await testAmqp();
  vhost = decodeURIComponent(new URL(place.url).pathname.slice(1));
  await addUser('head', headRights());
  for (const office of ['west', 'west-2', 'east']) await addUser(office, branchRights(office));
});

afterAll(async () => {
  for (const url of urls.values()) await deleteUser(testAmqpManagementUrl(), new URL(url).username);
  await place.drop();
});

beforeEach(async () => {
  links = [];
  head = await startHead(1);
});

afterEach(async () => {
  await Promise.all(links.map((link) => link.stop()));
});

async function startHead(partitions: number): Promise<HeadEnd> {
  const end: HeadEnd = {
    link: createAmqpHeadLink({ ...QUICK, url: urlOf('head'), partitions }),
    heard: new Listener(),
  };
  links.push(end.link);
  for (const office of ['west', 'west-2', 'east']) await end.link.declareBranch(office, 'own', INSTANCE);
  await end.link.start(end.heard.events);
  await end.heard.untilUp();
  return end;
}

async function startBranch(office: string, user = office, instance?: string): Promise<BranchEnd> {
  const link = createAmqpBranchLink({
    ...QUICK,
    url: urlOf(user),
    office,
    ...(instance === undefined ? {} : { instance }),
  });
  const end: BranchEnd = { link, heard: new Listener() };
  links.push(link);
  await link.start(end.heard.events);
  return end;
}

/** What the broker says to one thing that a user tries: its code, or null. */
async function refusal(
  office: string,
  attempt: (channel: Awaited<ReturnType<ChannelModel['createConfirmChannel']>>) => Promise<unknown>,
): Promise<number | null> {
  const connection = await connect(urlOf(office));
  const channel = await connection.createConfirmChannel();
  const failed = new Promise<number>((done) =>
    channel.on('error', (error: Error & { code: number }) => done(error.code)),
  );
  const tried = attempt(channel).then(
    () => null,
    () => failed,
  );
  const code = await Promise.race([failed, tried]);
  await connection.close();
  return code;
}

const typeOf = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'sent',
    (error: unknown) => errorType(error),
  );

it.each([1, 3])('does all of the work, over %i queues of the head', async (partitions) => {
  await head.link.stop();
  head = await startHead(partitions);
  const branches = [await startBranch('west', 'west', INSTANCE), await startBranch('east', 'east', INSTANCE)];
  for (const { heard } of branches) await heard.untilUp();
  for (const [i, office] of ['west', 'east'].entries()) {
    await branches[i]!.link.send(batch(1, office));
    await head.link.sendControl(office, answer(2), INSTANCE);
    await head.link.publishFeed(run(3, office));
  }
  await head.link.publishFeed(run(4, 'shared'));
  for (const { heard } of branches) expect(numbersOf(await heard.until(3)).sort()).toEqual([2, 3, 4]);
  await head.heard.until(2);
  await head.link.forgetBranch('east');
  await head.link.declareBranch('east', 'all', INSTANCE);
  expect(head.heard.problems).toEqual([]);
  for (const { heard } of branches) expect(heard.problems).toEqual([]);
});

it('lets a branch speak in its own name only', async () => {
  const intruder = await startBranch('east', 'west');
  await intruder.heard.untilUp();
  expect(await typeOf(intruder.link.send(batch(1, 'east')))).toBe('link-unavailable');
  await eventually(() => expect(intruder.heard.downs.join()).toMatch(/ACCESS_REFUSED.*east/));
  const west = await startBranch('west', 'west', INSTANCE);
  await west.heard.untilUp();
  await west.link.send(batch(2));
  expect(numbersOf(await head.heard.until(1))).toEqual([2]);
});

it('does not let a branch slip another name in beside its own', async () => {
  const forged = encodeMessage(batch(1, 'east'));
  for (const headers of [{ CC: ['east'] }, { BCC: ['east'] }])
    await refusal('west', async (channel) => {
      channel.publish('branchline.up', 'west', forged, { headers });
      await channel.waitForConfirms();
    });
  const west = await startBranch('west', 'west', INSTANCE);
  await west.heard.untilUp();
  await west.link.send(batch(2));
  expect(numbersOf(await head.heard.until(1))).toEqual([2]);
  for (const problem of head.heard.problems)
    expect(problem).toMatchObject({ type: 'undecodable', office: 'west' });
});

it.each([
  'branchline.control.east',
  `branchline.control.east.${INSTANCE}`,
  feedQueue('east'),
  'branchline.control.west-2',
  feedQueue('west-2'),
  ...upQueues(1),
])('does not let a branch read, empty or delete %s', async (queue) => {
  expect(await refusal('west', (channel) => channel.consume(queue, () => undefined))).toBe(403);
  expect(await refusal('west', (channel) => channel.get(queue))).toBe(403);
  expect(await refusal('west', (channel) => channel.purgeQueue(queue))).toBe(403);
  expect(await refusal('west', (channel) => channel.deleteQueue(queue))).toBe(403);
});

it.each([
  ['branchline.up', 'east'],
  ['branchline.down', 'shared.head'],
  ['branchline.control', 'east'],
  ['', 'branchline.control.east'],
  ['amq.topic', 'west'],
])('does not let a branch publish to "%s" for %s', async (exchange, key) => {
  const code = await refusal('west', async (channel) => {
    channel.publish(exchange, key, Buffer.from('x'));
    await channel.waitForConfirms();
  });
  expect(code).toBe(403);
});

it('does not let a branch make or bind anything', async () => {
  const own = feedQueue('west');
  const attempts: Parameters<typeof refusal>[1][] = [
    (channel) => channel.assertQueue('branchline.feed.mine'),
    (channel) => channel.assertQueue('', { exclusive: true }),
    (channel) => channel.assertExchange('branchline.up.mine', 'topic'),
    (channel) => channel.bindQueue(own, 'branchline.down', 'all.head'),
    (channel) => channel.bindQueue(own, 'branchline.up', '#'),
    (channel) => channel.deleteExchange('branchline.up'),
  ];
  for (const attempt of attempts) expect(await refusal('west', attempt)).toBe(403);
});

it('does not let the head read what goes to branches', async () => {
  expect(await refusal('head', (channel) => channel.get(feedQueue('west')))).toBe(403);
});

it('gives the same user again what it had, and nobody else anything', async () => {
  await addUser('north', branchRights('north'));
  await addUser('west', branchRights('west'));
  const west = await startBranch('west', 'west', INSTANCE);
  await west.heard.untilUp();
  await west.link.send(batch(1));
  expect(numbersOf(await head.heard.until(1))).toEqual([1]);
  expect(await refusal('north', (channel) => channel.get(feedQueue('west')))).toBe(403);
});

describe('the doctor', () => {
  const found = (office: string, url: string, role = 'branch') =>
    checkBroker(readConfig({ OFFICE_ID: office, OFFICE_ROLE: role, LINK_URL: url }));
  const problems = async (...asked: Parameters<typeof found>) =>
    (await found(...asked)).filter(({ state }) => state === 'problem');

  it('finds nothing wrong with an office and its own user, and takes nothing from its feed', async () => {
    await head.link.publishFeed(run(1, 'west'));
    expect(await problems('west', urlOf('west'))).toEqual([]);
    const west = await startBranch('west', 'west', INSTANCE);
    expect(numbersOf(await west.heard.until(1))).toEqual([1]);
    expect(await problems('west', urlOf('west'))).toEqual([]);
  });

  it('finds the user of another office', async () => {
    expect(await problems('west', urlOf('east'))).toEqual([
      expect.objectContaining({ detail: expect.stringContaining('not the rights of west') as unknown }),
    ]);
  });

  it('says of an office without a queue that it may be retired', async () => {
    await addUser('south', branchRights('south'));
    const [problem] = await problems('south', urlOf('south'));
    expect(problem?.advice).toMatch(/offices add south.*retired.*new OFFICE_ID and database/);
  });

  it('does not advise to start a broker that answers', async () => {
    const wrong = new URL(urlOf('west'));
    wrong.pathname = '/nowhere';
    const [vhostProblem] = await problems('west', wrong.href);
    expect(vhostProblem?.detail).toMatch(/virtual host "nowhere" does not exist, or user "[^"]+west" has no/);
    wrong.password = 'not-that-one';
    const [passwordProblem] = await problems('west', wrong.href);
    expect(passwordProblem?.advice).toMatch(/^Correct the user or the password in LINK_URL/);
    expect(vhostProblem?.advice).toMatch(/^Correct the virtual host/);
  });

  it('does not advise to give rights to an office that is perhaps not meant', async () => {
    const config = readConfig({ OFFICE_ID: 'west', OFFICE_ROLE: 'head', LINK_URL: urlOf('west') });
    const adviceOf = async (isMixedUp: boolean) =>
      (await checkBroker(config, isMixedUp)).find(({ state }) => state === 'problem')?.advice;
    expect(await adviceOf(false)).toMatch(/rights/);
    expect(await adviceOf(true)).toMatch(/^First see to .* owner/);
  });
});

it('cannot be had under a name that is none', () => {
  for (const name of ['.*', 'a|b', 'West', 'all', ''])
    expect(() => branchRights(name)).toThrow('No link can be made');
});
