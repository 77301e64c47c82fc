// Queues, bindings and channels that somebody takes away, or has made otherwise.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { eventually } from '../harness/wait.ts';
import { expectBothWays } from './both-ways.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { pair } from './pairs.ts';
import { PrivateBroker } from './private-broker.ts';
import { sellers, stopSelling } from './seller.ts';
import { logLines, sellMore, untilProblem, untilWell } from './watch.ts';

const UP = 'branchline.up';
const FEED = 'branchline.feed.west';
const CONTROL = 'branchline.control';
const MOST_LINES = 16;

let broker: PrivateBroker;
let company: Company;
let west: OfficeProcess;
let opened = 0;

async function open(): Promise<void> {
  const { branch, head } = pair(opened++);
  const branches = { west: { database: branch } };
  company = await Company.open({ head: { database: head }, branches, linkUrl: broker.url });
  west = company.office('west');
}

/** Sells before, during and after; then reckons. */
async function sellingThrough(fault: () => Promise<unknown>): Promise<void> {
  const atWest = sellers(west, 3);
  await sellMore(atWest, 100);
  await fault();
  await sellMore(atWest, 200);
  await stopSelling(atWest);
  await reckon(company, 'west', atWest);
  await expectBothWays(company, 'west');
  for (const office of [west, company.head]) {
    await untilWell(office);
    expect(logLines(office).length).toBeLessThan(MOST_LINES);
  }
}

beforeAll(async () => {
  broker = await PrivateBroker.start();
}, 120_000);

afterAll(() => broker.server.remove(), 60_000);

afterEach(async () => {
  await company.close();
  await broker.empty();
}, 60_000);

describe('while it is used', () => {
  it.each([UP, FEED, `${CONTROL}.west.`])(
    'queue %s is deleted, and made again',
    async (beginning) => {
      await open();
      const queue = await broker.queueNamed(beginning);
      await sellingThrough(() => broker.meddle((channel) => channel.deleteQueue(queue)));
      expect((await broker.queues('name')).keys()).toContain(queue);
    },
    240_000,
  );

  it('the binding of the queue of what goes up is deleted: told, and bound again', async () => {
    await open();
    await sellingThrough(async () => {
      await broker.meddle((channel) => channel.unbindQueue(UP, UP, '#'));
      await untilProblem(west, 'link-unroutable');
    });
  }, 240_000);

  it('the bindings of a branch are deleted: its answers are bound again, its feed is asked for', async () => {
    await open();
    const control = await broker.queueNamed(`${CONTROL}.west.`);
    await sellingThrough(() =>
      broker.meddle(async (channel) => {
        await channel.unbindQueue(control, CONTROL, control.slice(CONTROL.length + 1));
        for (const key of ['west.head', 'shared.head'])
          await channel.unbindQueue(FEED, 'branchline.down', key);
      }),
    );
  }, 240_000);

  it('the exchange of what goes up is deleted: the channel that publishes is closed, and all of it made again', async () => {
    await open();
    await sellingThrough(async () => {
      await broker.meddle((channel) => channel.deleteExchange(UP));
      await untilProblem(west, 'link-unroutable');
    });
  }, 240_000);

  it('every channel is closed, and no connection', async () => {
    await open();
    await sellingThrough(async () => {
      // What the broker answers to the acknowledgement of a message that it has not delivered.
      await broker.eval(
        "[rabbit_channel:do(C, {'basic.ack', 999999, false}) || C <- rabbit_channel:list()].",
      );
      for (const office of [west, company.head])
        await eventually(() => expect(logLines(office).join()).toContain('unknown delivery tag'), 30_000);
    });
  }, 240_000);
});

describe('queues that are there with other arguments', () => {
  it('are named, once, and serve until somebody deletes them', async () => {
    await broker.meddle(async (channel) => {
      await channel.assertQueue(UP, { arguments: { 'x-queue-type': 'classic' } });
      await channel.assertQueue(FEED, { arguments: { 'x-max-length': 7 } });
    });
    await open();
    const { head } = company;
    expect(await untilProblem(head, 'declaration-refused')).toContain(`queue ${UP}`);
    const atWest = sellers(west, 3);
    await sellMore(atWest, 200);
    await stopSelling(atWest);
    await reckon(company, 'west', atWest);
    await expectBothWays(company, 'west');
    for (const queue of [UP, FEED]) {
      expect(logLines(head).filter((line) => line.includes(`queue ${queue}:`))).toHaveLength(1);
      await broker.meddle((channel) => channel.deleteQueue(queue));
    }
    await untilWell(head);
    await expectBothWays(company, 'west');
    expect((await broker.queues('type')).get(UP)).toBe('quorum');
    expect(logLines(head).length).toBeLessThan(MOST_LINES);
  }, 240_000);
});
