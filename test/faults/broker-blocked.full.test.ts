// A broker that is short of memory takes nothing for minutes.
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { syncState } from '../e2e/sales.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { pair } from './pairs.ts';
import { PrivateBroker } from './private-broker.ts';
import { sellers, stopSelling } from './seller.ts';
import { logLines, sellMore, untilProblem, untilWell } from './watch.ts';

const BLOCKED_MS = 120_000;
/** What the garbage collector may leave lying about. */
const MOST_GROWTH_MIB = 48;
const MOST_LINES = 10;

let broker: PrivateBroker;
let company: Company;

beforeAll(async () => {
  broker = await PrivateBroker.start();
}, 120_000);

afterAll(() => broker.server.remove(), 60_000);
afterEach(() => company.close(), 60_000);

/** Resident memory. */
function mebibytes({ pid }: OfficeProcess): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  return Number(kib) / 1024;
}

it('a broker short of memory: told as blocked, memory stays flat, and nothing is doubled after', async () => {
  const { branch, head: database } = pair(2);
  company = await Company.open({
    head: { database },
    branches: { west: { database: branch } },
    linkUrl: broker.url,
  });
  const { head } = company;
  const west = company.office('west');
  const atWest = sellers(west, 2, 20);
  const atHead = sellers(head, 1, 50);
  await sellMore(atWest, 300);
  await broker.server.ctl('set_vm_memory_high_watermark', '0');
  const until = performance.now() + BLOCKED_MS;
  for (const office of [west, head])
    expect(await untilProblem(office, 'link-blocked')).toMatch(/takes nothing more: .*memory/);
  const weights: number[][] = [];
  while (performance.now() < until) {
    await sellMore([...atWest, ...atHead], 100);
    weights.push([west, head].map(mebibytes));
    for (const office of [west, head])
      expect(await syncState(office)).toMatchObject({ problem: { type: 'link-blocked' } });
  }
  const [middle, end] = [weights[weights.length >> 1]!, weights.at(-1)!]; // warm by then
  await broker.server.ctl('set_vm_memory_high_watermark', '0.8');
  for (const office of [west, head]) await untilWell(office);
  await stopSelling([...atWest, ...atHead]);
  await reckon(company, 'west', atWest);
  end.forEach((size, i) => expect(size - middle[i]!).toBeLessThan(MOST_GROWTH_MIB));
  for (const office of [west, head]) expect(logLines(office).length).toBeLessThan(MOST_LINES);
}, 400_000);
