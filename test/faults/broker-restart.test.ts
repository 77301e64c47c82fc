// A broker that ends in the middle of a batch, in good order, killed or with its disk.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { syncState } from '../e2e/sales.ts';
import { eventually } from '../harness/wait.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { pair, forRun } from './pairs.ts';
import { PrivateBroker } from './private-broker.ts';
import { type Seller, sellers, stopSelling } from './seller.ts';
import { ShapedLine } from './shaped-line.ts';
import { logLines, sellMore, StatusWatch } from './watch.ts';

/** What goes up of a batch before the line stands still: more than greetings and probes, less than the batch. */
const PART_BYTES = 6_000;

/** A title, some lines of the link going and coming; not one for each attempt. */
const MOST_LINES = 12;

let broker: PrivateBroker;
let line: ShapedLine;
let company: Company;

beforeAll(async () => {
  broker = await PrivateBroker.start();
}, 120_000);

afterAll(() => broker.server.remove(), 60_000);

beforeEach(async () => {
  line = await ShapedLine.open(broker.url);
});

afterEach(async () => {
  await company.close();
  await line.close();
}, 60_000);

interface End {
  readonly how: string;
  readonly end: () => Promise<void>;
  readonly back: () => Promise<void>;
}

const ENDS: readonly End[] = [
  { how: 'killed and loses its disk', end: () => broker.server.kill(), back: () => broker.server.wipe() },
  { how: 'killed', end: () => broker.server.kill(), back: () => broker.server.restart() },
  { how: 'stopped', end: () => broker.server.stop(), back: () => broker.server.restart() },
];

async function open(number: number): Promise<Company> {
  const { branch, head } = pair(number);
  const west = { database: branch, settings: { LINK_URL: line.through(broker.url) } };
  return Company.open({ head: { database: head }, branches: { west }, linkUrl: broker.url });
}

/** 300 sales wait, and a part of what carries them has gone to the broker. Returns who sold them. */
async function sendHalfABatch(west: OfficeProcess): Promise<Seller[]> {
  await west.send('POST', '/api/sync/pause');
  const before = sellers(west, 4);
  await sellMore(before, 300);
  await stopSelling(before);
  line.partAfter(PART_BYTES);
  await west.send('POST', '/api/sync/resume');
  await eventually(() => expect(line.isParted).toBe(true), 30_000);
  expect((await syncState(west)).pending).toBeGreaterThan(0);
  return before;
}

describe('a broker', () => {
  it.each(ENDS.slice(0, forRun(3, 1)))(
    'that is $how in the middle of a batch costs a resend',
    async ({ how, end, back }) => {
      company = await open(how.length);
      const west = company.office('west');
      const before = await sendHalfABatch(west);
      const during = sellers(west, 2, 20);
      const [statusOfWest, statusOfHead] = [new StatusWatch(west), new StatusWatch(company.head)];
      await end();
      line.heal();
      await sellMore(during, 50);
      await back();
      await sellMore(during, 50);
      await stopSelling(during);
      await reckon(company, 'west', [...before, ...during]);
      for (const status of [statusOfWest, statusOfHead])
        expect(await status.end()).toContain('link-unavailable');
      for (const office of [west, company.head]) expect(logLines(office).length).toBeLessThan(MOST_LINES);
    },
    240_000,
  );
});
