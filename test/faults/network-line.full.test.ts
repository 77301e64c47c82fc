// A branch at the end of a bad line: thin, far, lossy, parted in the middle of a batch, flapping.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { syncState } from '../e2e/sales.ts';
import { eventually } from '../harness/wait.ts';
import { expectBothWays } from './both-ways.ts';
import { Company } from './company.ts';
import { figure, seconds } from './figure.ts';
import { reckon } from './oracle.ts';
import { pair } from './pairs.ts';
import { PrivateBroker } from './private-broker.ts';
import { type Seller, sellers, stopSelling } from './seller.ts';
import { type Shape, ShapedLine } from './shaped-line.ts';
import { logLines, sellMore, StatusWatch, untilProblem } from './watch.ts';

const BACKLOG = 1_000;
const AFTERWARDS = 200;
const PART_BYTES = 6_000;
const FLAP_MS = 5_000;
/** Until all is through. */
const MOST_FLAPS = 12;
const MOST_LINES = 16;

interface Bad {
  readonly what: string;
  readonly shape: Shape;
  /** An answer that takes this long is missed for a moment. */
  readonly said: readonly string[];
  /** Commands that wait for the line. */
  readonly backlog: number;
}

const BAD: readonly Bad[] = [
  // For well over a minute: messages wait for those before them much longer than a short one has on an idle line.
  { what: '64 kbit/s', shape: { bitsPerSecond: 64_000 }, said: [], backlog: 8 * BACKLOG },
  { what: '2 s each way', shape: { latencyMs: 2_000 }, said: ['head-silent'], backlog: BACKLOG },
  // One packet in 400 is lost five times, and comes after seven seconds.
  {
    what: '30% of the packets lost',
    shape: { loss: 0.3, latencyMs: 20 },
    said: ['head-silent'],
    backlog: BACKLOG,
  },
];

let broker: PrivateBroker;
let line: ShapedLine;
let company: Company;
let west: OfficeProcess;
let opened = 0;

beforeAll(async () => {
  broker = await PrivateBroker.start();
}, 120_000);

afterAll(() => broker.server.remove(), 60_000);

beforeEach(async () => {
  line = await ShapedLine.open(broker.url);
  const { branch, head } = pair(opened++);
  company = await Company.open({
    head: { database: head },
    branches: { west: { database: branch, settings: { LINK_URL: line.through(broker.url) } } },
    linkUrl: broker.url,
  });
  west = company.office('west');
}, 120_000);

afterEach(async () => {
  await company.close();
  await line.close();
}, 60_000);

/** Sales that wait for the line; returns who sold them. */
async function sellAlone(commands = BACKLOG): Promise<Seller[]> {
  await west.send('POST', '/api/sync/pause');
  const alone = sellers(west, 6);
  await sellMore(alone, commands, 240_000);
  await stopSelling(alone);
  return alone;
}

async function resume(): Promise<void> {
  await west.send('POST', '/api/sync/resume');
}

async function untilAcked(seq: number, deadlineMs: number): Promise<void> {
  await eventually(
    async () => expect((await syncState(west)).ackedSeq).toBeGreaterThanOrEqual(seq),
    deadlineMs,
  );
}

describe('a line', () => {
  it.each(BAD)(
    'of $what: slow, and no fault',
    async ({ what, shape, said, backlog }) => {
      const before = await sellAlone(backlog);
      const { lastSeq } = await syncState(west);
      line.shape(shape);
      const status = new StatusWatch(west);
      const beganAtMs = performance.now();
      await resume();
      const during = sellers(west, 2, 200);
      await sellMore(during, 20, 30_000);
      await untilAcked(lastSeq, 240_000);
      figure(`${what}: ${backlog} commands at the head after ${seconds(beganAtMs)}`);
      await sellMore(during, AFTERWARDS, 120_000); // short messages, for which there is far less time than for a backlog
      await stopSelling(during);
      await reckon(company, 'west', [...before, ...during], 180_000);
      await expectBothWays(company, 'west', 120_000);
      expect(said).toEqual(expect.arrayContaining(await status.end()));
      for (const office of [west, company.head]) expect(logLines(office).length).toBeLessThan(MOST_LINES);
    },
    900_000,
  );

  it('that parts in the middle of a batch: told, and the rest sent when it is whole again', async () => {
    const before = await sellAlone();
    line.partAfter(PART_BYTES);
    await resume();
    await eventually(() => expect(line.isParted).toBe(true), 30_000);
    const during = sellers(west, 2, 20);
    await untilProblem(west, 'link-unavailable');
    await sellMore(during, 100);
    line.heal();
    await sellMore(during, 100);
    await stopSelling(during);
    await reckon(company, 'west', [...before, ...during]);
    for (const office of [west, company.head]) expect(logLines(office).length).toBeLessThan(MOST_LINES);
  }, 400_000);

  it('that comes and goes every 5 s carries all that waits, and does not fill the log', async () => {
    const before = await sellAlone();
    const { lastSeq, ackedSeq } = await syncState(west);
    expect(lastSeq - ackedSeq).toBeGreaterThan(BACKLOG / 2);
    line.shape({ bitsPerSecond: 96_000 });
    line.cut();
    await resume();
    const during = sellers(west, 2, 50);
    let flaps = 0;
    let unused = 0;
    for (; flaps < MOST_FLAPS && (await syncState(west)).ackedSeq < lastSeq; flaps++) {
      await new Promise((done) => setTimeout(done, FLAP_MS));
      const hasCarried = (await syncState(west)).ackedSeq > ackedSeq;
      const attempts = line.attemptsAtMs.length;
      line.join();
      await new Promise((done) => setTimeout(done, FLAP_MS));
      line.cut();
      if (hasCarried && line.attemptsAtMs.length === attempts) unused += 1;
    }
    expect(unused).toBe(0);
    expect((await syncState(west)).ackedSeq).toBeGreaterThanOrEqual(lastSeq); // while it flapped
    figure(`up for 5 s, down for 5 s: ${BACKLOG} commands at the head after ${flaps} times`);
    await untilProblem(west, 'link-unavailable');
    line.join();
    await sellMore(during, 20);
    await stopSelling(during);
    await reckon(company, 'west', [...before, ...during]);
    for (const office of [west, company.head]) expect(logLines(office).length).toBeLessThan(2 * MOST_LINES);
  }, 600_000);
});
