// The queue of conflicts: what is at stake, notes, and many rulings at once; branches read their own and no others.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../harness/wait.ts';
import { PAPER, problem, type TestOffice, TestOffices } from './served.ts';

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;
let east: TestOffice;

/** Of each sale, which both sides change: what the branch makes of it, and what the head does. */
const DISPUTES: Record<string, [branch: string, here: object, there: object]> = {
  cheap: ['west', { cost: '12.96' }, { cost: '12.97' }],
  dear: ['west', { cost: '20', tax: '1' }, { cost: '10', tax: '2' }],
  far: ['east', { tax: '5.5' }, { tax: '7' }],
  gone: ['east', { product: 'Pens' }, { cost: '14' }],
};

beforeAll(async () => {
  head = await offices.open('hq', 'head');
  for (const id of ['west', 'east']) await head.ask('POST', '/api/offices', { id });
  [west, east] = await Promise.all([offices.open('west', 'branch'), offices.open('east', 'branch')]);
  const at: Record<string, TestOffice> = { west, east };
  for (const [id, [branch]] of Object.entries(DISPUTES))
    await at[branch]!.ask('POST', '/api/sales', { ...PAPER, id });
  for (const branch of [west, east]) {
    await branch.ask('POST', '/api/sync');
    await branch.ask('POST', '/api/sync/pause');
  }
  for (const [id, [branch, here, there]] of Object.entries(DISPUTES)) {
    await at[branch]!.ask('PATCH', `/api/sales/${id}`, here);
    await head.ask('PATCH', `/api/sales/${id}`, there);
  }
  for (const branch of [west, east]) await branch.ask('POST', '/api/sync/resume');
  for (const branch of [west, east]) await branch.ask('POST', '/api/sync');
  await eventually(async () => expect(await sales('status=open')).toEqual(['cheap', 'dear', 'far']));
}, 60_000);
afterAll(() => offices.closeAll());

async function found(query: string, at = head) {
  const { body } = await at.ask('GET', `/api/conflicts?${query}`);
  return body.items as { id: string; entityId: string; atStake: string; status: string; notes: object[] }[];
}

const sales = async (query: string, at = head) =>
  (await found(query, at)).map(({ entityId }) => entityId).toSorted();

async function caseOf(sale: string, at = head) {
  const one = (await found('limit=1000', at)).find(({ entityId }) => entityId === sale);
  return one!;
}

describe('conflicts', () => {
  it('say what money is at stake, and are found by it, by their office and by their age', async () => {
    expect((await caseOf('cheap')).atStake).toBe('0.33'); // 33 x 0.01
    expect((await caseOf('dear')).atStake).toBe('330.00'); // 33 x 10
    expect((await caseOf('far')).atStake).toBe('1.50');
    expect(await sales('atStake=1.50')).toEqual(['dear', 'far']);
    expect(await sales('atStake=1.5001&office=west')).toEqual(['dear']);
    expect(await sales('office=east&status=open')).toEqual(['far']);
    expect(await sales('dataset=stock')).toEqual([]);
    expect(await head.ask('GET', '/api/conflicts?dataset=planets')).toMatchObject(
      problem(404, 'unknown-dataset'),
    );
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    expect(await sales(`openedBefore=${inAnHour}&status=open`)).toEqual(['cheap', 'dear', 'far']);
    expect(await sales('openedBefore=2026-01-01')).toEqual([]);
    const { body } = await head.ask('GET', `/api/conflicts?atStake=0.33&status=open&limit=2&count=true`);
    expect([body.items.length, body.total]).toEqual([2, 3]);
    expect(await sales(`atStake=0.33&status=open&limit=2&after=${body.next}`)).toHaveLength(1);
  });

  it.each([
    ['atStake=-1', 'atStake'],
    ['atStake=much', 'atStake'],
    ['openedBefore=yesterday', 'openedBefore'],
  ])('cannot be looked for with %s', async (query, field) => {
    expect(await head.ask('GET', `/api/conflicts?${query}`)).toMatchObject({
      ...problem(400, 'invalid-parameters'),
      body: { problems: [{ field }] },
    });
  });

  it('are read at the branch that they are about, and nowhere else', async () => {
    await eventually(async () => expect(await sales('status=open', west)).toEqual(['cheap', 'dear']));
    await eventually(async () => expect(await sales('status=open', east)).toEqual(['far']));
    expect(await sales('office=east', west)).toEqual([]);
    const { id } = await caseOf('far');
    expect(await west.ask('GET', `/api/conflicts/${id}`)).toMatchObject(problem(404, 'unknown-case'));
    expect((await caseOf('dear', west)).atStake).toBe('330.00');
  });

  it.each([
    ['/resolve', { take: { office: 'west' } }],
    ['/overrule', { take: { office: 'west' } }],
    ['/note', { note: 'mine' }],
  ])('are not written at a branch: %s', async (verb, body) => {
    const { id } = await caseOf('dear', west);
    const answer = await west.ask('POST', `/api/conflicts/${id}${verb}`, body);
    expect(answer).toMatchObject(problem(403, 'not-allowed'));
    expect(await west.ask('POST', '/api/conflicts/resolve', { by: 'latest' })).toMatchObject(
      problem(403, 'not-allowed'),
    );
  });

  it('take notes, which their branch reads and no other, and which rule on nothing', async () => {
    const { id } = await caseOf('dear');
    const first = await head.ask('POST', `/api/conflicts/${id}/note`, { note: 'asked the till' });
    expect(first).toMatchObject({
      status: 200,
      body: { status: 'open', notes: [{ note: 'asked the till' }] },
    });
    const key = { 'idempotency-key': 'one note' };
    for (let times = 0; times < 2; times++)
      await head.ask('POST', `/api/conflicts/${id}/note`, { note: 'they call back' }, key);
    const notes = [{ note: 'asked the till', actor: 'anonymous' }, { note: 'they call back' }];
    expect((await caseOf('dear')).notes).toMatchObject(notes);
    await eventually(async () => expect((await caseOf('dear', west)).notes).toMatchObject(notes));
    expect((await caseOf('cheap', west)).notes).toEqual([]);
    expect(await head.ask('POST', `/api/conflicts/${id}/note`, { note: '' })).toMatchObject({ status: 400 });
    const heard = (await east.ask('GET', '/api/events?limit=1000')).body.items;
    expect(heard.filter(({ dataset }: { dataset: string }) => dataset === 'case_notes')).toEqual([]);
  });
});

describe('many at once', () => {
  const rule = (body: object) => head.ask('POST', '/api/conflicts/resolve', body);

  it('takes a policy or a side, and not both', async () => {
    for (const body of [{}, { by: 'latest', take: { office: 'west' } }, { by: 'add' }])
      expect(await rule(body)).toMatchObject(problem(400, 'invalid-parameters'));
  });

  it('shows what it would do, and does nothing', async () => {
    const { body } = await rule({ office: 'west', by: 'max', dryRun: true });
    expect(body.items).toHaveLength(2);
    expect(body.items).toContainEqual(
      expect.objectContaining({
        entityId: 'dear',
        outcome: 'would-resolve',
        values: { cost: '20.00', tax: '2.00' },
      }),
    );
    expect(await sales('status=open')).toEqual(['cheap', 'dear', 'far']);
  });

  it('says of each that cannot be ruled on so why, and rules on the others', async () => {
    const { body } = await rule({ take: { office: 'west' }, atStake: '1', note: 'west is right' });
    expect(
      body.items.map(({ entityId, outcome }: Record<string, string>) => [entityId, outcome]).toSorted(),
    ).toEqual([
      ['dear', 'resolved'],
      ['far', 'refused'],
    ]);
    expect(body.items.find(({ entityId }: { entityId: string }) => entityId === 'far').reason).toMatch(
      /west is no side of the conflict/,
    );
    await eventually(async () =>
      expect((await west.ask('GET', '/api/sales/dear')).body).toMatchObject({
        cost: '20.00',
        conflicted: false,
      }),
    );
    expect(await caseOf('dear')).toMatchObject({
      status: 'settled',
      rulings: [{ policies: { cost: 'manual', tax: 'manual' }, note: 'west is right' }],
    });
  });

  it('goes on page by page, each with a ruling that names its policy', async () => {
    const first = await rule({ by: 'head-wins', limit: 1 });
    expect([first.body.items.length, typeof first.body.next]).toEqual([1, 'string']);
    const second = await rule({ by: 'head-wins', limit: 1, after: first.body.next });
    expect([second.body.items.length, second.body.next]).toEqual([1, null]);
    expect(await sales('status=open')).toEqual([]);
    expect(await caseOf('far')).toMatchObject({
      atStake: '1.50',
      rulings: [{ policies: { tax: 'head-wins' }, values: { tax: '7.00' } }],
    });
    expect((await rule({ by: 'latest' })).body).toEqual({ items: [], next: null });
  });
});

describe('trying other policies', () => {
  const trial = (body: object) => head.ask('POST', '/api/conflicts/try', body);
  const digest = async () => (await head.ask('GET', '/api/digest?scope=west')).body;

  it('says what they would have made of past conflicts, office by office, and changes nothing', async () => {
    const before = [await digest(), (await found('limit=1000')).length];
    const { body } = await trial({ policies: { fields: { cost: 'min', tax: 'min' } }, dataset: 'sales' });
    expect(body.offices).toContainEqual({
      office: 'east',
      cases: 1,
      same: 0,
      differs: 1,
      left: 0,
      money: { 'sales.tax': '-1.50', 'sales.total': '-1.50' },
    });
    expect(body.differing).toContainEqual(
      expect.objectContaining({
        entityId: 'dear',
        stands: { cost: '20.00', tax: '1.00' },
        would: { cost: '10.00', tax: '1.00' },
        money: { cost: '-10.00', amount: '-330.00', total: '-330.00' },
      }),
    );
    expect([await digest(), (await found('limit=1000')).length]).toEqual(before);
  });

  it('is for one field, one dataset, one office or a time, page by page', async () => {
    const tax = await trial({ policy: 'max', dataset: 'sales', field: 'tax', office: 'west' });
    expect(tax.body.offices).toMatchObject([{ office: 'west', cases: 2, differs: 1, left: 1 }]);
    expect(await west.ask('POST', '/api/conflicts/try', { policy: 'max' })).toMatchObject(
      problem(404, 'only-at-the-head'),
    );
    expect((await trial({ policy: 'max', openedBefore: '2026-01-01' })).body).toEqual({
      offices: [],
      differing: [],
      next: null,
    });
    const { body } = await trial({ policy: 'head-wins', limit: 1 });
    expect([body.offices[0].cases, typeof body.next]).toEqual([1, 'string']);
    const rest = await trial({ policy: 'head-wins', after: body.next });
    expect([rest.body.offices.length > 0, rest.body.next]).toEqual([true, null]);
  });

  it.each<[object, number, RegExp]>([
    [{}, 400, /policy or policies must be given/],
    [{ policies: {} }, 400, /dataset must be named/],
    [{ policy: 'nonsense' }, 400, /is known to no dataset/],
    [{ policy: 'nonsense', dataset: 'sales', field: 'cost' }, 422, /cost must be one of latest/],
    [{ policies: { fields: { price: 'max' } }, dataset: 'sales' }, 422, /"price" is not a field of sales/],
    [{ policies: { fields: { quantity: 'max' } }, dataset: 'stock' }, 422, /counts \(add\)/],
    [{ policy: 'max', dataset: 'planets' }, 404, /no dataset "planets"/],
  ])('refuses %j', async (body, status, detail) => {
    const answer = await trial(body);
    expect(answer.status).toBe(status);
    expect(answer.body.detail).toMatch(detail);
  });
});
