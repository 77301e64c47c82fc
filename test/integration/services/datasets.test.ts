// Datasets beside sales: a shared catalogue, and a count that several take from at once.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeFolder, removeFolder } from '../../harness/folder.ts';
import { eventually } from '../../harness/wait.ts';
import { problem, type TestOffice, TestOffices } from './served.ts';

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;

beforeAll(async () => {
  head = await offices.open('hq', 'head');
  await head.ask('POST', '/api/offices', { id: 'west' });
  west = await offices.open('west', 'branch');
  await west.ask('POST', '/api/sync');
});
afterAll(() => offices.closeAll());

const PAPER = { name: 'Paper, A4', price: '12.95', onSale: true };

describe('products', () => {
  it('are recorded at the head, and known to every branch', async () => {
    const { status, body } = await head.ask('POST', '/api/products', { id: 'paper', ...PAPER });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ ...PAPER, id: 'paper', office: 'shared' }),
    ]);
    await west.ask('POST', '/api/sync');
    expect((await west.ask('GET', '/api/products/paper')).body).toEqual(body);
    const digest = '/api/digest?dataset=products&scope=shared';
    expect((await west.ask('GET', digest)).body).toEqual((await head.ask('GET', digest)).body);
  });

  it('are not changed by a branch, which says who may', async () => {
    const notYours = problem(403, 'not-your-scope');
    const refused = [
      await west.ask('PATCH', '/api/products/paper', { price: '1' }),
      await west.ask('POST', '/api/products', { id: 'pens', ...PAPER }),
    ];
    for (const answer of refused) {
      expect(answer).toMatchObject(notYours);
      expect(answer.body.detail).toContain('Only the head');
    }
  });

  it('belong to no office', async () => {
    const asked = await head.ask('POST', '/api/products?office=west', { id: 'pens', ...PAPER });
    expect(asked).toMatchObject(problem(400, 'invalid-parameters'));
    const rows = [{ id: 'pens', eventId: '00000001-0000-8000-8000-000000000000', fields: PAPER }];
    expect((await head.ask('POST', '/api/products/import', { rows })).body).toMatchObject({ added: 1 });
    expect((await head.ask('GET', '/api/products/pens')).body).toMatchObject({ office: 'shared' });
  });
});

describe('a dataset that a branch does not know yet', () => {
  const other = new TestOffices();
  let datasetsDir: string;
  beforeAll(async () => (datasetsDir = await makeFolder('declared')));
  afterAll(async () => {
    await other.closeAll();
    await removeFolder(datasetsDir);
  });

  it('waits there, and comes in when the branch has its declaration', async () => {
    const visits = { name: 'visits', noun: 'Visit', fields: { guests: { kind: 'integer', required: true } } };
    await writeFile(join(datasetsDir, 'visits.json'), JSON.stringify(visits));
    const east = 'east';
    let branch = await other.open(east, 'branch');
    const hq = await other.open('hq', 'head', { datasetsDir });
    await hq.ask('POST', '/api/offices', { id: east });
    const recorded = { id: 'today', guests: 3 };
    expect(await hq.ask('POST', '/api/visits?office=east', recorded)).toMatchObject({ status: 201 });
    await hq.ask('PATCH', '/api/visits/today?office=east', { guests: 4 });
    await branch.ask('POST', '/api/sync');
    expect((await branch.ask('GET', '/api/events/waiting')).body.items).toMatchObject([
      { type: 'VisitRecorded' },
      { type: 'VisitAmended' },
    ]);
    branch = await branch.reopen({ datasetsDir });
    await eventually(async () => {
      expect(await branch.ask('GET', '/api/visits/today')).toMatchObject({
        status: 200,
        body: { guests: 4 },
      });
      expect((await branch.ask('GET', '/api/events/waiting')).body.items).toEqual([]);
    });
    const digest = '/api/digest?dataset=visits&scope=east';
    expect((await branch.ask('GET', digest)).body).toEqual((await hq.ask('GET', digest)).body);
  });
});

describe('stock', () => {
  const one = '/api/stock/paper';
  const sells = (at: TestOffice, pieces: number) => at.ask('PATCH', one, { quantity: { add: -pieces } });

  it('loses nothing that many tills of an office take at once', async () => {
    await west.ask('POST', '/api/stock', { id: 'paper', product: 'paper', quantity: 23 });
    const sold = await Promise.all(Array.from({ length: 20 }, () => sells(west, 1)));
    expect(sold.map(({ status }) => status)).toEqual(sold.map(() => 200));
    expect((await west.ask('GET', one)).body).toMatchObject({ quantity: 3, office: 'west' });
  });

  it('comes out as both took of the last three, and the case says how', async () => {
    await west.ask('POST', '/api/sync');
    await west.ask('POST', '/api/sync/pause');
    expect((await sells(west, 2)).body).toMatchObject({ quantity: 1 });
    expect((await sells(head, 2)).body).toMatchObject({ quantity: 1 });
    await west.ask('POST', '/api/sync/resume');
    for (const at of [head, west])
      await eventually(async () => {
        expect((await at.ask('GET', one)).body).toMatchObject({ quantity: -1, conflicted: false });
      });
    const { items } = (await head.ask('GET', '/api/conflicts?dataset=stock')).body;
    expect(items).toEqual([
      expect.objectContaining({
        status: 'settled',
        base: { quantity: 3 },
        rulings: [expect.objectContaining({ policies: { quantity: 'add' }, values: { quantity: -1 } })],
      }),
    ]);
  });
});
