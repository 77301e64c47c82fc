// A broker that is short of memory takes nothing for minutes.
import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { count, paper, syncState } from '../e2e/sales.ts';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { Company } from './company.ts';
import { figure } from './figure.ts';
import { reckon } from './oracle.ts';
import { pair } from './pairs.ts';
import { PrivateBroker } from './private-broker.ts';
import { Scales } from './scales.ts';
import { sellers, stopSelling } from './seller.ts';
import { logLines, sellMore, untilProblem, untilWell } from './watch.ts';

const MIB = 1024 * 1024;
const BLOCKED_MS = 120_000;
/** Of what is written meanwhile many times as much would wait, if it waited in memory. */
const MOST_GROWTH_MIB = 5;
const SHEETS = 100;
/** Sales as heavy as they can be, of which no two are alike, so that they do not get smaller packed. */
const SHEET = { lines: 200, letters: 200 };
const LETTER_BYTES = 3;
const MOST_LINES = 10;

let broker: PrivateBroker;
let scales: Scales;
let company: Company;

beforeAll(async () => {
  broker = await PrivateBroker.start();
  scales = await Scales.make();
}, 120_000);

afterAll(async () => {
  await broker.server.remove();
  await scales.remove();
}, 60_000);
afterEach(() => company.close(), 60_000);

const shown = (mebibytes: number): string => mebibytes.toFixed(1);

function anyText(letters: number): string {
  return String.fromCharCode(...Array.from({ length: letters }, () => randomInt(0x4e00, 0x9fa6)));
}

/** An office takes in a sheet of sales. */
async function takeInSheet(office: OfficeProcess): Promise<void> {
  const rows = Array.from({ length: SHEET.lines }, () => {
    const id = randomUUID();
    return {
      id,
      eventId: `${id.slice(0, 14)}8${id.slice(15)}`,
      fields: { ...paper(1), product: anyText(SHEET.letters) },
    };
  });
  const { status, body } = await office.send<{ added: number }>('POST', '/api/sales/import', { rows });
  expect([status, body.added]).toEqual([200, SHEET.lines]);
}

it('a broker short of memory: told as blocked, memory stays flat, and nothing is doubled after', async () => {
  const { branch, head: database } = pair(2);
  company = await Company.open({
    head: { database, settings: scales.settings },
    branches: { west: { database: branch, settings: scales.settings } },
    linkUrl: broker.url,
  });
  const { head } = company;
  const west = company.office('west');
  const weights = () => Promise.all([west, head].map((office) => scales.weigh(office)));
  const takeInSheets = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await Promise.all([west, head].map(takeInSheet));
  };
  const [atWest, atHead] = [sellers(west, 2, 20), sellers(head, 1, 50)];
  await takeInSheets(2);
  await sellMore([...atWest, ...atHead], 300); // warm
  await broker.server.ctl('set_vm_memory_high_watermark', '0');
  const until = performance.now() + BLOCKED_MS;
  for (const office of [west, head])
    expect(await untilProblem(office, 'link-blocked')).toMatch(/takes nothing more: .*memory/);
  const before = await weights();
  let sheets = 0;
  while (performance.now() < until || sheets < SHEETS) {
    if (sheets++ < SHEETS) await takeInSheets(1);
    await sellMore([...atWest, ...atHead], 20);
    for (const office of [west, head])
      expect(await syncState(office)).toMatchObject({ problem: { type: 'link-blocked' } });
  }
  const after = await weights();
  await broker.server.ctl('set_vm_memory_high_watermark', '0.8');
  const written = (SHEETS * SHEET.lines * SHEET.letters * LETTER_BYTES) / MIB;
  figure(
    `${shown(written)} MiB written while blocked: ${before.map(shown)} MiB held, then ${after.map(shown)}`,
  );
  after.forEach((size, i) => expect(size - before[i]!).toBeLessThan(MOST_GROWTH_MIB));
  for (const office of [west, head]) await untilWell(office);
  await stopSelling([...atWest, ...atHead]);
  await reckon(company, 'west', atWest, 180_000);
  const wrote = (SHEETS + 2) * SHEET.lines + atWest.flatMap(({ sold }) => sold).length;
  expect(await count(head, 'office=west&deleted=with')).toBe(wrote);
  for (const office of [west, head]) expect(logLines(office).length).toBeLessThan(MOST_LINES);
}, 600_000);
