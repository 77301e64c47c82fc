// A ruling can be set aside by another one; every ruling stays on the case, at every office.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../harness/wait.ts';
import { PAPER, problem, type TestOffice, TestOffices } from './served.ts';

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;
let id: string;

beforeAll(async () => {
  head = await offices.open('hq', 'head');
  await head.ask('POST', '/api/offices', { id: 'west' });
  west = await offices.open('west', 'branch');
  await west.ask('POST', '/api/sales', { ...PAPER, id: 'a' });
  await west.ask('POST', '/api/sync');
  await west.ask('POST', '/api/sync/pause');
  await west.ask('PATCH', '/api/sales/a', { cost: '13', qty: 5 });
  await head.ask('PATCH', '/api/sales/a', { cost: '14' });
  await west.ask('POST', '/api/sync/resume');
  id = await eventually(async () => {
    const { items } = (await head.ask('GET', '/api/conflicts?status=open')).body;
    expect(items).toHaveLength(1);
    return items[0].id as string;
  });
});
afterAll(() => offices.closeAll());

const rules = (how: 'resolve' | 'overrule', body: object, at = head, key = Math.random().toString()) =>
  at.ask('POST', `/api/conflicts/${id}/${how}`, body, { 'idempotency-key': key });

async function costIs(cost: string): Promise<void> {
  for (const office of [head, west])
    await eventually(async () => {
      expect((await office.ask('GET', '/api/sales/a')).body).toMatchObject({
        cost,
        qty: 5,
        conflicted: false,
      });
    });
}

describe('a ruling', () => {
  it('cannot be set aside before there is one, nor at a branch', async () => {
    expect(await rules('overrule', { take: { office: 'west' } })).toMatchObject(problem(409, 'case-open'));
    expect(await rules('overrule', { take: { office: 'west' } }, west)).toMatchObject(
      problem(403, 'not-allowed'),
    );
  });

  it('is set aside by another, which every office comes to, with the chain of both', async () => {
    await rules('resolve', { take: { office: 'hq' } });
    await costIs('14.00');
    const { status, body } = await rules('overrule', {
      take: { office: 'west' },
      note: 'asked the customer',
    });
    expect([status, body.status]).toEqual([200, 'settled']);
    await costIs('13.00');
    const chain = [
      { values: { cost: '14.00' } },
      { values: { cost: '13.00' }, note: 'asked the customer', overrules: body.rulings[0].eventId },
    ];
    expect(body.rulings).toMatchObject(chain);
    await eventually(async () => {
      const atWest = (await west.ask('GET', `/api/conflicts/${id}`)).body;
      expect(atWest.rulings).toEqual(body.rulings);
    });
    const digest = '/api/digest?scope=west';
    expect((await west.ask('GET', digest)).body).toEqual((await head.ask('GET', digest)).body);
  });

  it('can be set aside again and again, and repeated under its key', async () => {
    const first = await rules('overrule', { values: { cost: '15' } }, head, 'once');
    expect(first.body.rulings).toHaveLength(3);
    expect((await rules('overrule', { values: { cost: '15' } }, head, 'once')).body.rulings).toHaveLength(3);
    await costIs('15.00');
  });

  it('is about the fields of its case, and no other', async () => {
    const { body } = await rules('overrule', { values: { qty: 1 } });
    expect(body).toMatchObject({ status: 422, problems: [{ field: 'qty', reason: 'is not in dispute' }] });
    expect(await rules('overrule', { values: {} })).toMatchObject({ status: 422 });
  });

  it('gives way to a dispute that came after it', async () => {
    await west.ask('POST', '/api/sync/pause');
    await west.ask('PATCH', '/api/sales/a', { cost: '16' });
    await head.ask('PATCH', '/api/sales/a', { cost: '17' });
    await west.ask('POST', '/api/sync/resume');
    await eventually(async () => {
      expect((await head.ask('GET', '/api/sales/a')).body).toMatchObject({ conflicted: true });
    });
    expect(await rules('overrule', { values: { cost: '18' } })).toMatchObject(problem(409, 'case-settled'));
  });
});
