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
