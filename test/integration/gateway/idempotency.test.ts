// Requests that come again over real HTTP, also after a restart of the office.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Ask, newSaleAt, PAPER, problem, TestOffices, type TestOffice } from '../services/served.ts';

const offices = new TestOffices();
let west: TestOffice;
let ask: Ask;

beforeAll(async () => {
  west = await offices.open('west', 'branch');
  ask = west.ask;
});
afterAll(() => offices.closeAll());

const newSale = (change?: object) => newSaleAt(ask, change);

describe('an Idempotency-Key', () => {
  const post = (key: string, body: object) => ask('POST', '/api/sales', body, { 'idempotency-key': key });

  it('lets a request be repeated: the first answer, with the same status', async () => {
    const first = await post('a', PAPER);
    const reordered = Object.fromEntries(Object.entries(PAPER).reverse());
    const again = await post('a', reordered);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([again.status, again.body, again.headers.get('location')]).toEqual([
      201,
      first.body,
      first.headers.get('location'),
    ]);
  });

  it('gives the first answer also when the sale has changed since', async () => {
    const first = await post('b', PAPER);
    const path = `/api/sales/${first.body.id}`;
    const amend = () => ask('PATCH', path, { qty: 7 }, { 'idempotency-key': 'b2' });
    const amended = await amend();
    await ask('DELETE', path);
    expect((await post('b', PAPER)).body).toEqual(first.body);
    expect((await amend()).body).toEqual(amended.body);
  });

  it('is refused for another body, path or method', async () => {
    const { body } = await post('c', PAPER);
    const reused = problem(409, 'idempotency-key-reused');
    expect(await post('c', { ...PAPER, qty: 34 })).toMatchObject(reused);
    const path = `/api/sales/${body.id}`;
    expect(await ask('DELETE', path, undefined, { 'idempotency-key': 'c' })).toMatchObject(reused);
  });

  it('makes one sale of a storm of equal requests', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => post('d', { ...PAPER, product: 'Storm' })),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect((await ask('GET', '/api/sales?product=Storm&count=true')).body.total).toBe(1);
  });

  it('is kept also when there was nothing to change, over a restart', async () => {
    const path = `/api/sales/${(await newSale({ qty: 2 })).id}`;
    const patch = (qty: number, key: string) => ask('PATCH', path, { qty }, { 'idempotency-key': key });
    const restore = () => ask('POST', `${path}/restore`, undefined, { 'idempotency-key': 'e-restore' });
    const first = await patch(2, 'e');
    const restored = await restore();
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([200, null]);
    await ask('PATCH', path, { qty: 3 });
    await ask('DELETE', path);
    west = await west.reopen();
    ask = west.ask;
    const again = await patch(2, 'e');
    expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([
      200,
      first.body,
      'true',
    ]);
    expect((await restore()).body).toEqual(restored.body);
    expect((await ask('GET', path)).body).toMatchObject({ qty: 3, deletedAt: expect.any(String) as unknown });
    expect(await patch(4, 'e')).toMatchObject(problem(409, 'idempotency-key-reused'));
    expect(await ask('DELETE', path, undefined, { 'idempotency-key': 'e-restore' })).toMatchObject(
      problem(409, 'idempotency-key-reused'),
    );
  });

  it('must be printable', async () => {
    expect(await post('é', PAPER)).toMatchObject(problem(400, 'malformed-request'));
  });
});

describe('an id that the client chose', () => {
  const post = (body: object) => ask('POST', '/api/sales', body);

  it('lets the sale be sent again without a key: the first answer, whatever became of the sale', async () => {
    const sale = { ...PAPER, id: 'till-1/7' };
    const first = await post(sale);
    const path = `/api/sales/${encodeURIComponent(sale.id)}`;
    await ask('PATCH', path, { qty: 7 });
    const again = await post({ ...sale, cost: '12.9500' });
    expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([
      201,
      first.body,
      'true',
    ]);
    expect((await ask('GET', `${path}/history`)).body.items).toHaveLength(2);
  });

  it('makes one sale of a storm of equal requests', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => post({ ...PAPER, id: 'till-1/8', product: 'One id' })),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`))).toEqual(
      new Set(['201 till-1/8']),
    );
    expect((await ask('GET', '/api/sales?product=One%20id&count=true')).body.total).toBe(1);
  });

  it('takes no other sale, and no second request with a key', async () => {
    const sale = { ...PAPER, id: 'till-1/9' };
    await post(sale);
    const exists = problem(409, 'already-exists');
    expect(await post({ ...sale, qty: 34 })).toMatchObject(exists);
    expect(await post({ ...sale, product: '' })).toMatchObject(problem(422, 'invalid-input'));
    expect(await ask('POST', '/api/sales', sale, { 'idempotency-key': 'another' })).toMatchObject(exists);
  });
});
