// The head changes what a dataset is while offices sell: names, columns, routes and descriptions follow.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../../harness/wait.ts';
import { PAPER, problem, type TestOffice, TestOffices } from './served.ts';

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;

beforeAll(async () => {
  head = await offices.open('hq', 'head');
  await head.ask('POST', '/api/offices', { id: 'west' });
  west = await offices.open('west', 'branch');
  await west.ask('POST', '/api/sales', { ...PAPER, id: 'old' });
  await west.ask('POST', '/api/sync');
});
afterAll(() => offices.closeAll());

const CHANGES = [
  {
    kind: 'add-field',
    field: 'channel',
    type: { kind: 'enum', values: ['shop', 'web'] },
    default: 'shop',
  },
  { kind: 'rename-field', field: 'region', to: 'area' },
  { kind: 'widen-field', field: 'product', to: { maxLength: 400 } },
];
const { region: _, ...UNNAMED } = PAPER;
const CHANGED = { ...UNNAMED, area: 'West', channel: 'web' };

async function reached(office: TestOffice, name: string, version: number): Promise<void> {
  await eventually(async () => {
    expect((await office.ask('GET', `/api/datasets/${name}`)).body).toMatchObject({ version });
  }, 30_000);
}

describe('a dataset that the head changes', () => {
  it('is planned first: what databases run, who cannot take it up, and nothing is changed', async () => {
    const { status, body } = await head.ask('POST', '/api/datasets/plan', {
      dataset: 'sales',
      changes: CHANGES,
    });
    expect([status, body]).toEqual([
      200,
      {
        dataset: 'sales',
        ...{ from: 1, to: 2, waiting: [] },
        changes: expect.any(Array),
        databases: expect.arrayContaining([
          {
            family: 'postgresql',
            statements: [`alter table "sales" add column "channel" text collate "C" null default 'shop'`],
          },
        ]),
      },
    ]);
    expect((await head.ask('GET', '/api/datasets/sales')).body).toMatchObject({ version: 1 });
    await head.ask('POST', '/api/offices', { id: 'east' });
    const { waiting } = (await head.ask('POST', '/api/datasets/plan', { dataset: 'sales', changes: CHANGES }))
      .body;
    expect(waiting).toEqual([{ office: 'east', reason: 'has not been heard from yet' }]);
  });

  it('is not changed for anybody while the head has no room for it, nor added under the noun of another', async () => {
    const busy = jest
      .spyOn(head.office.store, 'prepareTables')
      .mockResolvedValueOnce([{ dataset: 'sales', reason: 'somebody reads it' }]);
    const refused = await head.ask('POST', '/api/datasets/apply', { dataset: 'sales', changes: CHANGES });
    expect(refused).toMatchObject(problem(409, 'dataset-changing'));
    expect(refused.body.detail).toContain('somebody reads it');
    busy.mockRestore();
    expect((await head.ask('GET', '/api/events?after=0&limit=100')).body.items).not.toContainEqual(
      expect.objectContaining({ type: 'DatasetEvolved' }),
    );
    const declaration = { name: 'visits', noun: 'Sale', fields: { guests: { kind: 'integer' } } };
    const changes = [{ kind: 'add-dataset', declaration }];
    expect(await head.ask('POST', '/api/datasets/apply', { dataset: 'visits', changes })).toMatchObject({
      ...problem(422, 'invalid-input'),
    });
  });

  it('is refused what would lose data, and what a branch asks', async () => {
    const narrower = [{ kind: 'widen-field', field: 'product', to: { maxLength: 20 } }];
    const refused = await head.ask('POST', '/api/datasets/plan', { dataset: 'sales', changes: narrower });
    expect(refused).toMatchObject(problem(422, 'invalid-input'));
    expect(refused.body.detail).toContain('"product" already has the maxLength 200; it can only be widened');
    const retired = [{ kind: 'retire-field', field: 'cost' }];
    expect(
      (await head.ask('POST', '/api/datasets/apply', { dataset: 'sales', changes: retired })).body.detail,
    ).toContain('worked out from it');
    const asked = await west.ask('POST', '/api/datasets/apply', { dataset: 'sales', changes: CHANGES });
    expect(asked).toMatchObject(problem(404, 'only-at-the-head'));
  });

  it('is so at every office, with the data that was there', async () => {
    const applied = await head.ask('POST', '/api/datasets/apply', { dataset: 'sales', changes: CHANGES });
    expect(applied).toMatchObject({ status: 200, body: { from: 1, to: 2 } });
    await west.ask('POST', '/api/sync');
    for (const office of [head, west]) {
      await reached(office, 'sales', 2);
      const { body } = await office.ask('GET', '/api/sales/old?office=west');
      expect(body).toMatchObject({ ...UNNAMED, area: 'West', channel: 'shop' });
      expect(body).not.toHaveProperty('region');
    }
    const again = await head.ask('POST', '/api/datasets/apply', {
      dataset: 'sales',
      changes: CHANGES,
      expected: 1,
    });
    expect(again).toMatchObject(problem(409, 'dataset-changed'));
  });

  it('is written and asked for by the new names, and says what became of the old ones', async () => {
    const { status, body } = await west.ask('POST', '/api/sales', {
      ...CHANGED,
      id: 'new',
      product: 'x'.repeat(400),
    });
    expect([status, body]).toEqual([201, expect.objectContaining({ ...CHANGED, product: 'x'.repeat(400) })]);
    const amended = await west.ask('PATCH', '/api/sales/new', { area: 'South' });
    expect(amended.body).toMatchObject({ area: 'South' });
    const found = await west.ask('GET', '/api/sales?area=South&channel=web');
    expect(found.body.items).toMatchObject([{ id: 'new' }]);
    const old = await west.ask('POST', '/api/sales', { ...PAPER, id: 'as before' });
    expect(old).toMatchObject(problem(422, 'invalid-input'));
    expect(old.body.problems).toEqual([{ field: 'region', reason: 'is called "area" now' }]);
    expect(await west.ask('GET', '/api/sales?region=West')).toMatchObject(problem(400, 'invalid-parameters'));
    const { area: __, ...without } = CHANGED;
    expect((await west.ask('POST', '/api/sales', without)).body.problems).toEqual([
      { field: 'area', reason: 'is required' },
    ]);
    const row = { id: 'sheet', eventId: '00000001-0000-8000-8000-000000000000', fields: CHANGED };
    const stale = { ...row, eventId: '00000002-0000-8000-8000-000000000000', id: 'stale', fields: PAPER };
    expect((await west.ask('POST', '/api/sales/import', { rows: [stale, row] })).body).toMatchObject({
      added: 1,
      refused: [{ index: 0, reason: expect.stringContaining('called "area" now') }],
    });
  });

  it('shows a conflict by the new names, and is ruled on by them', async () => {
    await west.ask('POST', '/api/sync');
    await west.ask('POST', '/api/sync/pause');
    await west.ask('PATCH', '/api/sales/new', { cost: '2' });
    await head.ask('PATCH', '/api/sales/new', { cost: '3' });
    await head.ask('POST', '/api/datasets/apply', {
      dataset: 'sales',
      changes: [{ kind: 'rename-field', field: 'cost', to: 'price' }],
    });
    await west.ask('POST', '/api/sync/resume');
    await reached(west, 'sales', 3);
    const open = await eventually(async () => {
      const [found] = (await head.ask('GET', '/api/conflicts?status=open')).body.items;
      expect(found).toMatchObject({ fields: ['price'], base: { price: '12.95' } });
      return found as { id: string };
    }, 30_000);
    const ruled = await head.ask('POST', `/api/conflicts/${open.id}/resolve`, { values: { price: '4' } });
    expect([ruled.status, ruled.body]).toEqual([
      200,
      expect.objectContaining({
        rulings: [expect.objectContaining({ values: { price: '4.00' }, policies: { price: 'manual' } })],
      }),
    ]);
    expect((await head.ask('GET', '/api/sales/new?office=west')).body).toMatchObject({ price: '4.00' });
  });

  it('keeps what a retired field held, and hides it', async () => {
    const product = { id: 'paper', name: 'Paper', price: '12.95', onSale: true, unit: 'box' };
    await head.ask('POST', '/api/products', product);
    const changes = [
      { kind: 'retire-field', field: 'unit' },
      { kind: 'make-optional', field: 'price' },
    ];
    await head.ask('POST', '/api/datasets/apply', { dataset: 'products', changes });
    expect((await head.ask('GET', '/api/products/paper')).body).not.toHaveProperty('unit');
    const refused = await head.ask('PATCH', '/api/products/paper', { unit: 'pallet' });
    expect(refused.body.problems).toEqual([{ field: 'unit', reason: 'was retired' }]);
    expect((await head.ask('PATCH', '/api/products/paper', { price: null })).body).toMatchObject({
      price: null,
    });
    expect((await head.ask('GET', '/api/datasets/products')).body).toMatchObject({ retired: ['unit'] });
    const [recorded] = (await head.ask('GET', '/api/products/paper/history')).body.items;
    expect(recorded).toMatchObject({ data: { unit: 'box' } });
  });

  it('is one that is added, with all that a dataset has, without a restart', async () => {
    const declaration = {
      ...{ name: 'visits', noun: 'Visit' },
      fields: { guests: { kind: 'integer', required: true }, mood: { kind: 'enum', values: ['good'] } },
    };
    const changes = [{ kind: 'add-dataset', declaration }];
    expect(await head.ask('POST', '/api/datasets/apply', { dataset: 'visits', changes })).toMatchObject({
      status: 200,
      body: { from: null, to: 1 },
    });
    await west.ask('POST', '/api/sync');
    await reached(west, 'visits', 1);
    const visit = { id: 'today', guests: 3, mood: 'good' };
    await eventually(async () => {
      expect(await west.ask('POST', '/api/visits', visit)).toMatchObject({ status: 201, body: visit });
    });
    await west.ask('POST', '/api/sync');
    expect((await head.ask('GET', '/api/visits?mood=good')).body.items).toMatchObject([visit]);
    for (const office of [head, west]) {
      const { paths } = (await office.ask('GET', '/openapi.json')).body;
      expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/api/visits', '/api/visits/{id}']));
      const names = paths['/api/sales'].get.parameters.map(({ name }: { name: string }) => name);
      expect(names).toEqual(expect.arrayContaining(['area', 'channel', 'price', 'limit']));
      expect(names).not.toContain('region');
    }
  });

  it('is changed once by a request that comes again under its key, and answered alike', async () => {
    const changes = [{ kind: 'rename-field', field: 'guests', to: 'people' }];
    const apply = (change: object, key = 'people') =>
      head.ask('POST', '/api/datasets/apply', { dataset: 'visits', ...change }, { 'idempotency-key': key });
    const [one, other] = await Promise.all([apply({ changes }), apply({ changes })]);
    expect(one).toMatchObject({ status: 200, body: { from: 1, to: 2 } });
    const alike = { ...one.body, waiting: expect.any(Array) as unknown }; // who waits is told as it is by then
    expect([other.status, other.body]).toEqual([200, alike]);
    const back = [{ kind: 'rename-field', field: 'people', to: 'guests' }];
    expect(await apply({ changes: back }, 'back')).toMatchObject({ status: 200, body: { from: 2, to: 3 } });
    const again = await apply({ changes }); // could be made once more by now
    expect([again.body, again.headers.get('idempotency-replayed')]).toEqual([alike, 'true']);
    expect((await head.ask('GET', '/api/datasets/visits')).body).toMatchObject({ version: 3 });
    expect(await apply({ changes: back })).toMatchObject(problem(409, 'idempotency-key-reused'));
    const { items } = (await head.ask('GET', '/api/events?limit=1000')).body;
    const written = items.filter(({ type, data }: { type: string; data: { dataset: string } }) => {
      return type === 'DatasetEvolved' && data.dataset === 'visits';
    });
    expect(written).toHaveLength(3);
  });

  it('says of every name that a field ever had what it is called now', async () => {
    const [asked, written] = [
      await head.ask('GET', '/api/visits?people=3'),
      await head.ask('POST', '/api/visits', { people: 3 }),
    ];
    const problems = [{ field: 'people', reason: 'is called "guests" now' }];
    expect([asked, written]).toMatchObject([
      problem(400, 'invalid-parameters'),
      problem(422, 'invalid-input'),
    ]);
    expect([asked.body.problems, written.body.problems]).toEqual([problems, problems]);
    const { body } = await head.ask('GET', '/api/datasets/visits');
    expect(body).toMatchObject({ formerNames: { people: 'guests' } });
  });

  it('is added once by a request that comes again under its key', async () => {
    const declaration = { name: 'parcels', noun: 'Parcel', fields: { weight: { kind: 'integer' } } };
    const body = { dataset: 'parcels', changes: [{ kind: 'add-dataset', declaration }] };
    const add = () => head.ask('POST', '/api/datasets/apply', body, { 'idempotency-key': 'parcels' });
    const first = await add();
    expect(first).toMatchObject({ status: 200, body: { from: null, to: 1 } });
    const again = await add();
    const alike = { ...first.body, waiting: expect.any(Array) as unknown };
    expect(again).toMatchObject({ status: 200, body: alike });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await west.ask('POST', '/api/sync');
    await reached(west, 'parcels', 1);
  });

  it('comes out alike everywhere, also after a restart', async () => {
    west = await west.reopen();
    await west.ask('POST', '/api/sync');
    await reached(west, 'sales', 3);
    const digest = '/api/digest?dataset=sales&scope=west';
    expect((await west.ask('GET', digest)).body).toEqual((await head.ask('GET', digest)).body);
    expect((await west.ask('GET', '/api/visits/today')).body).toMatchObject({ guests: 3 });
    expect((await west.ask('GET', '/api/sales/new')).body).toMatchObject({ price: '4.00', channel: 'web' });
  });
});
