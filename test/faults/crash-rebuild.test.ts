// kill -9 of an office in the exchange of a rebuild's tables, while it sells.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProjectionView } from '../../mixins/projections/projections.ts';
import type { Moment } from '../../mixins/moments.ts';
import { OfficeProcess } from '../e2e/office-process.ts';
import { all, type Sale } from '../e2e/sales.ts';
import { testDatabase, type TestPlace } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { flawsOfSales } from './oracle.ts';
import { isFullRun } from './pairs.ts';
import { answeredBy, type Seller, sellers, stopSelling } from './seller.ts';
import { Trap } from './trap.ts';

const WEST = 'west';
const PAUSE_MS = 50;
const DEADLINE_MS = 120_000;
const SALES = 20;
/**
 * exchange-noted      on MariaDB the row says `swapping`, and whoever comes next looks where the tables are;
 * tables-exchanged    the same, and they are where they belong; elsewhere the server takes all of it back;
 * exchange-committed  the row says that the old table has to go.
 */
const MOMENTS = ['exchange-noted', 'tables-exchanged', 'exchange-committed'] as const satisfies Moment[];
const NAMES = ['sales', 'sales_by_day'];
const ALL = NAMES.flatMap((name) => MOMENTS.map((moment) => [name, moment] as const));
const KILLS = isFullRun ? [...ALL, ...ALL] : ALL.slice(0, 5);

let place: TestPlace;
let trap: Trap;
let office: OfficeProcess;
let selling: Seller[] = [];

beforeEach(() => {
  selling = [];
});
afterEach(async () => {
  await stopSelling(selling, 0);
  await office.stop();
  await place.drop();
  await trap.remove();
}, 120_000);

describe.each(['sqlite', 'postgresql', 'mariadb'] as const)('an office on %s', (kind) => {
  it('has its tables right, wherever it is killed in their exchange', async () => {
    place = await testDatabase(kind);
    trap = await Trap.make();
    const settings = { OFFICE_ID: WEST, DATABASE_URL: place.url, ...trap.settings };
    office = await OfficeProcess.start(settings);
    selling = sellers(office, 2, PAUSE_MS);
    await sold(SALES);
    for (const name of NAMES) await ended(name);
    for (const [name, moment] of KILLS) {
      trap.set(moment);
      const killed = { status: 202 }; // before it could answer
      const asked = await office.send('POST', `/api/projections/${name}/rebuild`).catch(() => killed);
      expect(asked.status).toBe(202);
      await trap.sprung(office, DEADLINE_MS);
      await office.start();
      expect(await ended(name)).toMatchObject({ state: 'live', job: { phase: 'done', problem: null } });
      await sold(2);
    }
    await stopSelling(selling);
    await isInOrder();
  }, 600_000);
});

/** So many more. */
async function sold(more: number): Promise<void> {
  const from = answeredBy(selling);
  await eventually(() => expect(answeredBy(selling)).toBeGreaterThanOrEqual(from + more), DEADLINE_MS);
}

function ended(name: string): Promise<ProjectionView> {
  return eventually(async () => {
    const { body } = await office.get<ProjectionView>(`/api/projections/${name}`);
    expect(body.job?.endedAt).not.toBeNull();
    expect(body.state).not.toBe('making');
    return body;
  }, DEADLINE_MS);
}

async function isInOrder(): Promise<void> {
  expect(selling.flatMap(({ refusals }) => refusals)).toEqual([]);
  expect(await flawsOfSales(office, WEST, selling)).toEqual([]);
  for (const name of NAMES) {
    await office.send('POST', `/api/projections/${name}/verify`);
    expect(await ended(name)).toMatchObject({ job: { kind: 'verify', phase: 'done', difference: null } });
  }
  const sales = await all<Sale>(office, '/api/sales');
  const lines = await all<{ count: number; qty: number }>(office, '/api/projections/sales_by_day/rows');
  const qty = sales.reduce((sum, sale) => sum + sale.qty, 0);
  expect(lines).toMatchObject([{ count: sales.length, qty }]);
}
