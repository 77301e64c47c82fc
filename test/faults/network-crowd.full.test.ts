// Thirty branches that lose the line and come back at once, one of them with far more to send than all others.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { all, count, type Sale, syncState } from '../e2e/sales.ts';
import { eventually } from '../harness/wait.ts';
import { Company, HEAD } from './company.ts';
import { CrowdBranch } from './crowd.ts';
import { figure, seconds } from './figure.ts';
import { forRun } from './pairs.ts';
import { PrivateBroker } from './private-broker.ts';
import { ShapedLine } from './shaped-line.ts';

const BRANCHES = 30;
const SMALL_BACKLOG = 20;
const LARGE_BACKLOG = forRun(100_000, 20_000);
/** Long enough for the pauses between attempts to have grown. */
const CUT_MS = 12_000;
const WINDOW_MS = 500;

let broker: PrivateBroker;
let line: ShapedLine;
let company: Company;
let large: CrowdBranch;
let small: CrowdBranch[];

beforeAll(async () => {
  broker = await PrivateBroker.start();
  line = await ShapedLine.open(broker.url);
  company = await Company.open({ head: { database: 'postgresql' }, branches: {}, linkUrl: broker.url });
  const crowd: CrowdBranch[] = [];
  for (let number = 1; number <= BRANCHES; number++) {
    const id = `shop-${number}`;
    expect(await company.office(HEAD).send('POST', '/api/offices', { id })).toMatchObject({ status: 201 });
    crowd.push(await CrowdBranch.start(id, line.through(broker.url)));
  }
  [large, ...small] = crowd as [CrowdBranch, ...CrowdBranch[]];
  await eventually(() => expect(crowd.map(({ state }) => state)).not.toContain('greeting'), 120_000);
}, 400_000);

afterAll(async () => {
  await Promise.all([large, ...small].map((branch) => branch.stop()));
  await company.close();
  await line.close();
  await broker.server.remove();
}, 120_000);

/** The most attempts that fell into one window of time. */
function busiest(atMs: readonly number[]): number {
  const within = (fromMs: number): number =>
    atMs.filter((ms) => ms >= fromMs && ms < fromMs + WINDOW_MS).length;
  return Math.max(...atMs.map(within));
}

const left = (branches: readonly CrowdBranch[]): number =>
  Math.max(...branches.map(({ pending }) => pending));

describe('thirty branches', () => {
  it('whose line is cut do not all knock at once when it comes back', async () => {
    line.cut();
    await Promise.all([large, ...small].map((branch) => branch.sell(SMALL_BACKLOG)));
    await new Promise((done) => setTimeout(done, CUT_MS)); // the time is the fault
    const knocked = line.attemptsAtMs.length;
    line.join();
    const joinedAtMs = performance.now();
    await eventually(() => expect(left([large, ...small])).toBe(0), 240_000);
    figure(`${BRANCHES} branches with ${SMALL_BACKLOG} events: drained in ${seconds(joinedAtMs)}`);
    const attempts = line.attemptsAtMs.slice(knocked);
    figure(`${attempts.length} connections, at most ${busiest(attempts)} within ${WINDOW_MS} ms`);
    expect(busiest(attempts)).toBeLessThan(BRANCHES);
    await expectAllAtTheHead();
  }, 600_000);

  it('with little to send do not wait for the one that has begun to send far more', async () => {
    const all = [large, ...small];
    await Promise.all(all.map((branch) => branch.pause()));
    await Promise.all([large.sell(LARGE_BACKLOG), ...small.map((branch) => branch.sell(SMALL_BACKLOG))]);
    await large.resume();
    const largeAtMs = performance.now();
    await eventually(() => expect(large.pending).toBeLessThan(LARGE_BACKLOG), 60_000);
    const smallAtMs = performance.now();
    await Promise.all(small.map((branch) => branch.resume()));
    await eventually(() => expect(left(small)).toBe(0), 600_000);
    const leftOfLarge = large.pending;
    figure(`${small.length} branches with ${SMALL_BACKLOG} events: drained in ${seconds(smallAtMs)}`);
    await eventually(() => expect(large.pending).toBe(0), 600_000);
    figure(`one with ${LARGE_BACKLOG}: ${seconds(largeAtMs)}, of which ${leftOfLarge} were left then`);
    expect(leftOfLarge).toBeGreaterThan(0);
    await expectAllAtTheHead();
  }, 1_500_000);
});

async function expectAllAtTheHead(): Promise<void> {
  const head = company.head;
  expect(await syncState(head)).toMatchObject({ problem: null });
  expect(await count(head, `office=${large.id}&deleted=with`)).toBe(large.sold.length);
  for (const { id, sold } of small) {
    const sales = await all<Sale>(head, `/api/sales?office=${id}&deleted=with`);
    expect(sales.map((sale) => sale.id).sort()).toEqual([...sold].sort());
  }
}
