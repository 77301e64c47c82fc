// Sales over real HTTP, with a real SQLite file: one by one, and in lists.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Ask, newSaleAt, PAPER, problem, TestOffices } from '../services/served.ts';

const offices = new TestOffices();
let ask: Ask;

beforeAll(async () => {
  ({ ask } = await offices.open('west', 'branch'));
});
afterAll(() => offices.closeAll());

const newSale = (change?: object) => newSaleAt(ask, change);

describe('a sale', () => {
  it('is recorded, and shown as the interface says', async () => {
    const { status, headers, body } = await ask('POST', '/api/sales', PAPER);
    expect({ status, location: headers.get('location') }).toEqual({
      status: 201,
      location: `/api/sales/${body.id}`,
    });
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      ...PAPER,
      amount: '427.35',
      total: '457.26',
      office: 'west',
      createdAt: instant,
      updatedAt: instant,
      deletedAt: null,
      conflicted: false,
    });
    expect(await ask('GET', `/api/sales/${body.id}`)).toMatchObject({ status: 200, body });
  });

  it('shows money with at least two places, and never fewer than it has', async () => {
    expect(await newSale({ cost: 2, tax: '0.1234' })).toMatchObject({
      cost: '2.00',
      tax: '0.1234',
      total: '66.1234',
    });
  });

  it('takes an id of the client, whatever characters it has', async () => {
    const id = 'till 7/ß…%?#🖊';
    expect(await newSale({ id })).toMatchObject({ id });
    const path = `/api/sales/${encodeURIComponent(id)}`;
    expect((await ask('GET', path)).body).toMatchObject({ id });
    expect((await ask('PATCH', path, { qty: 1 })).body).toMatchObject({ id, qty: 1 });
    expect(await ask('POST', '/api/sales', { ...PAPER, id, qty: 2 })).toMatchObject(
      problem(409, 'already-exists'),
    );
  });

  it('is amended, voided and restored', async () => {
    const { id } = await newSale();
    const path = `/api/sales/${id}`;
    expect(await ask('PATCH', path, { qty: 2 })).toMatchObject({
      status: 200,
      body: { qty: 2, amount: '25.90' },
    });
    expect(await ask('DELETE', path, { reason: 'typed twice' })).toMatchObject({
      status: 200,
      body: { id, deletedAt: expect.any(String) as unknown },
    });
    expect(await ask('DELETE', path)).toMatchObject({ status: 200 });
    expect(await ask('PATCH', path, { qty: 3 })).toMatchObject(problem(409, 'entity-voided'));
    expect(await ask('GET', path)).toMatchObject({
      status: 200,
      body: { deletedAt: expect.any(String) as unknown },
    });
    expect(await ask('POST', `${path}/restore`)).toMatchObject({
      status: 200,
      body: { qty: 2, deletedAt: null },
    });
    const { body } = await ask('GET', `${path}/history`);
    const types = body.items.map(({ type }: { type: string }) => type);
    expect(types).toEqual(['SaleRecorded', 'SaleAmended', 'SaleVoided', 'SaleRestored']);
    expect(body.items[2]).toMatchObject({
      office: 'west',
      actor: 'anonymous',
      data: { reason: 'typed twice' },
    });
  });

  it.each(['GET', 'PATCH', 'DELETE'])('that does not exist is unknown to %s', async (method) => {
    const body = method === 'PATCH' ? { qty: 1 } : undefined;
    expect(await ask(method, '/api/sales/nobody', body)).toMatchObject(problem(404, 'unknown-entity'));
  });
});

describe('a list of sales', () => {
  const marked = (product: string) => `/api/sales?product=${product}`;

  it('is paged, counted and filtered', async () => {
    const ids: string[] = [];
    for (let qty = 1; qty <= 5; qty++) ids.push((await newSale({ product: 'Listed', qty })).id);
    await ask('DELETE', `/api/sales/${ids[0]!}`);
    const first = (await ask('GET', `${marked('Listed')}&limit=3&count=true`)).body;
    expect([first.items.length, first.total]).toEqual([3, 4]);
    const second = (await ask('GET', `${marked('Listed')}&limit=3&after=${first.next}`)).body;
    expect([second.items.length, second.next, second.total]).toEqual([1, null, undefined]);
    const seen = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
    expect(seen.toSorted()).toEqual(ids.slice(1).toSorted());
    const count = async (query: string) =>
      (await ask('GET', `${marked('Listed')}&count=true&${query}`)).body.total;
    expect(await count('deleted=only')).toBe(1);
    expect(await count('deleted=with')).toBe(5);
    expect(await count('qty=3')).toBe(1);
    expect(await count('amount=38.850')).toBe(1);
    expect(await count('office=east')).toBe(0);
    expect(await count('conflicted=true')).toBe(0);
  });

  it.each([
    ['foo=1', 'foo'],
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=many', 'limit'],
    ['after=nonsense', 'after'],
    ['deleted=maybe', 'deleted'],
    ['conflicted=maybe', 'conflicted'],
    ['count=maybe', 'count'],
    ['qty=three', 'qty'],
    ['soldOn=2026-02-30', 'soldOn'],
    ['qty=1&qty=2', 'qty'],
    ['product[x]=1', 'product[x]'],
    ['__proto__=1', '__proto__'],
  ])('refuses ?%s', async (query, field) => {
    const answer = await ask('GET', `/api/sales?${query}`);
    expect(answer).toMatchObject(problem(400, 'invalid-parameters'));
    expect(answer.body.problems).toMatchObject([{ field, reason: expect.any(String) as unknown }]);
  });
});
