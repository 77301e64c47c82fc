// A head and its branches over real HTTP: what the head alone can do, and how it rules.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../harness/wait.ts';
import { PAPER, problem, TestOffices, type TestOffice } from './served.ts';

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;
let east: TestOffice;

beforeAll(async () => {
  [head, west, east] = await Promise.all([
    offices.open('head', 'head'),
    offices.open('west', 'branch'),
    offices.open('east', 'branch'),
  ]);
  for (const id of ['west', 'east']) {
    expect(await head.ask('POST', '/api/offices', { id, name: `The ${id}` })).toMatchObject({ status: 201 });
  }
  await inStep(west, east);
});
afterAll(() => offices.closeAll());

/** Everything that the branches wrote is at the head, and everything for them is with them. */
async function inStep(...branches: TestOffice[]): Promise<void> {
  for (const branch of branches) expect(await branch.ask('POST', '/api/sync')).toMatchObject({ status: 200 });
}

async function recordAt(branch: TestOffice, id: string): Promise<void> {
  expect(await branch.ask('POST', '/api/sales', { ...PAPER, id })).toMatchObject({ status: 201 });
  await inStep(branch);
}

/** Both sides change one sale of west without knowing of each other. */
async function collide(id: string, here: object, there: object): Promise<void> {
  await west.ask('POST', '/api/sync/pause');
  expect(await west.ask('PATCH', `/api/sales/${id}`, here)).toMatchObject({ status: 200 });
  expect(await head.ask('PATCH', `/api/sales/${id}`, there)).toMatchObject({ status: 200 });
  await west.ask('POST', '/api/sync/resume');
  await inStep(west);
}

async function caseAbout(office: TestOffice, id: string) {
  return eventually(async () => {
    const { body } = await office.ask('GET', '/api/conflicts?limit=1000');
    const found = body.items.filter(({ entityId }: { entityId: string }) => entityId === id);
    expect(found).toHaveLength(1);
    return found[0];
  });
}

async function sameDigests(branch: TestOffice, scope: string): Promise<void> {
  await eventually(async () => {
    const query = `/api/digest?dataset=sales&scope=${scope}`;
    expect((await branch.ask('GET', query)).body).toEqual((await head.ask('GET', query)).body);
  });
}

describe('the offices', () => {
  it('are listed with what the head knows of them', async () => {
    const { body } = await head.ask('GET', '/api/offices');
    expect(
      body.items.map(({ id, name, connected }: Record<string, unknown>) => [id, name, connected]),
    ).toEqual([
      ['east', 'The east', true],
      ['west', 'The west', true],
    ]);
    expect((await head.ask('GET', '/api/offices/west')).body).toMatchObject({ id: 'west', status: 'active' });
  });

  it.each([
    [{ id: 'West End' }, 400, 'invalid-parameters'],
    [{ id: 'shared' }, 400, 'invalid-parameters'],
    [{}, 400, 'invalid-parameters'],
    [{ id: 'north', subscribe: 'some' }, 400, 'invalid-parameters'],
    [{ id: 'west' }, 409, 'office-exists'],
    [{ id: 'head' }, 409, 'office-exists'],
  ])('cannot be added as %j', async (body, status, type) => {
    expect(await head.ask('POST', '/api/offices', body)).toMatchObject(problem(status, type));
  });

  it('are unknown until they are added, and let in no more when they are retired', async () => {
    const south = await offices.open('south', 'branch');
    const state = async () => (await south.ask('GET', '/api/sync')).body;
    await eventually(async () =>
      expect(await state()).toMatchObject({ problem: { type: 'unknown-office' } }),
    );
    await head.ask('POST', '/api/offices', { id: 'south' });
    await inStep(south);
    expect(await head.ask('DELETE', '/api/offices/south')).toMatchObject({
      status: 200,
      body: { status: 'retired' },
    });
    await south.ask('POST', '/api/sales', PAPER);
    await eventually(async () => {
      await south.ask('POST', '/api/sync', { deadlineMs: 200 });
      expect(await state()).toMatchObject({ problem: { type: 'retired-office' } });
    });
    expect(await head.ask('DELETE', '/api/offices/nobody')).toMatchObject(problem(404, 'unknown-office'));
  });
});

describe('a sale at the head', () => {
  it('may be recorded for a branch, which gets it', async () => {
    const { body } = await head.ask('POST', '/api/sales', { ...PAPER, id: 'by-head', office: 'west' });
    expect(body).toMatchObject({ id: 'by-head', office: 'west' });
    await eventually(async () =>
      expect(await west.ask('GET', '/api/sales/by-head')).toMatchObject({ status: 200 }),
    );
    expect(await east.ask('GET', '/api/sales/by-head')).toMatchObject({ status: 404 });
    await sameDigests(west, 'west');
  });

  it('is not recorded for an office that there is not', async () => {
    expect(await head.ask('POST', '/api/sales', { ...PAPER, office: 'nowhere' })).toMatchObject(
      problem(400, 'invalid-parameters'),
    );
  });

  it('whose id two offices use has to be chosen', async () => {
    await Promise.all([recordAt(west, 'till-1'), recordAt(east, 'till-1')]);
    const ambiguous = await head.ask('GET', '/api/sales/till-1');
    expect(ambiguous).toMatchObject(problem(409, 'ambiguous-id'));
    expect(ambiguous.body.offices).toEqual(['east', 'west']);
    expect(await head.ask('PATCH', '/api/sales/till-1', { qty: 1 })).toMatchObject(
      problem(409, 'ambiguous-id'),
    );
    expect((await head.ask('GET', '/api/sales/till-1?office=west')).body).toMatchObject({ office: 'west' });
    expect((await head.ask('PATCH', '/api/sales/till-1?office=east', { qty: 5 })).body).toMatchObject({
      office: 'east',
      qty: 5,
    });
    expect((await head.ask('DELETE', '/api/sales/till-1?office=west')).body).toMatchObject({
      office: 'west',
    });
    expect((await head.ask('POST', '/api/sales/till-1/restore?office=west')).body).toMatchObject({
      deletedAt: null,
    });
    expect((await head.ask('GET', '/api/sales/till-1/history?office=east')).body.items).toHaveLength(2);
  });

  it('is among those of all offices, or of one', async () => {
    const total = async (query: string) =>
      (await head.ask('GET', `/api/sales?count=true&limit=1&${query}`)).body.total;
    expect(await total('')).toBe((await total('office=west')) + (await total('office=east')));
    const seen: string[] = [];
    for (let after = ''; ;) {
      const { items, next } = (await head.ask('GET', `/api/sales?limit=1${after}`)).body;
      seen.push(...items.map(({ office, id }: Record<string, string>) => `${office}/${id}`));
      if (next === null) break;
      after = `&after=${next}`;
    }
    expect(seen).toEqual([...new Set(seen)]);
    expect(seen).toHaveLength(await total(''));
  });
});

describe('a conflict', () => {
  it('is ruled by policy at once where there is one', async () => {
    await recordAt(west, 'automatic');
    await collide('automatic', { qty: 5 }, { qty: 6 });
    await eventually(async () =>
      expect(await caseAbout(head, 'automatic')).toMatchObject({ status: 'settled' }),
    );
    const settled = await caseAbout(head, 'automatic');
    expect(settled.contenders.map(({ office }: { office: string }) => office).toSorted()).toEqual([
      'head',
      'west',
    ]);
    expect(settled.rulings).toMatchObject([
      { actor: 'resolver', policies: { qty: 'latest' }, values: { qty: 6 } },
    ]);
    await inStep(west);
    expect((await west.ask('GET', '/api/sales/automatic')).body).toMatchObject({ qty: 6, conflicted: false });
    await sameDigests(west, 'west');
  });

  it('about money waits for a person, while the rest of it is ruled', async () => {
    await recordAt(west, 'by-hand');
    await collide('by-hand', { qty: 5, cost: '13.50' }, { qty: 6, cost: '12.50' });
    await eventually(async () =>
      expect(await caseAbout(head, 'by-hand')).toMatchObject({ fields: ['cost'], status: 'open' }),
    );
    const open = await caseAbout(head, 'by-hand');
    expect(open).toMatchObject({ base: { cost: '12.95' }, rulings: [{ policies: { qty: 'latest' } }] });
    expect(
      (await head.ask('GET', '/api/conflicts?status=open&office=west&dataset=sales&count=true')).body,
    ).toMatchObject({ total: 1 });
    expect((await head.ask('GET', '/api/conflicts?status=open&office=east')).body.items).toEqual([]);
    expect((await head.ask('GET', '/api/sales?conflicted=true')).body.items).toMatchObject([
      { id: 'by-hand' },
    ]);

    const resolve = (body: object, key?: string) =>
      head.ask(
        'POST',
        `/api/conflicts/${open.id}/resolve`,
        body,
        key === undefined ? {} : { 'idempotency-key': key },
      );
    expect(await resolve({})).toMatchObject(problem(400, 'invalid-parameters'));
    expect(await resolve({ take: { office: 'west' }, values: {} })).toMatchObject(
      problem(400, 'invalid-parameters'),
    );
    expect((await resolve({ take: 'west' })).body).toMatchObject({
      type: 'urn:branchline:problem:invalid-parameters',
      problems: [
        { field: 'take', reason: expect.stringContaining('{"office":"west"}') as unknown, actual: 'west' },
      ],
    });
    expect((await resolve({ take: { office: 'west', at: 'till' } })).body.problems).toMatchObject([
      { field: 'take.at' },
    ]);
    expect(await resolve({ take: { office: 'east' } })).toMatchObject(problem(422, 'unknown-side'));
    expect(await resolve({ values: { cost: 'much' } })).toMatchObject(problem(422, 'invalid-input'));
    expect(await resolve({ values: { cost: '1', qty: 1 } })).toMatchObject(problem(422, 'invalid-input'));

    const choice = { values: { cost: '13.00' }, note: 'asked west' };
    const ruled = await resolve(choice, 'once');
    expect(ruled).toMatchObject({ status: 200, body: { status: 'settled' } });
    expect(ruled.body.rulings.at(-1)).toMatchObject({
      policies: { cost: 'manual' },
      values: { cost: '13.00' },
    });
    const again = await resolve(choice, 'once');
    expect([again.body, again.headers.get('idempotency-replayed')]).toEqual([ruled.body, 'true']);
    expect(await resolve({ take: { office: 'west' } }, 'once')).toMatchObject(
      problem(409, 'idempotency-key-reused'),
    );
    const late = await resolve({ take: { office: 'west' } });
    expect(late).toMatchObject(problem(409, 'case-settled'));
    expect(late.body).toMatchObject({ settledAt: ruled.body.settledAt, ruling: { values: { cost: '13' } } });

    await inStep(west);
    expect((await west.ask('GET', '/api/sales/by-hand')).body).toMatchObject({
      cost: '13.00',
      conflicted: false,
    });
    const { openedAt } = open;
    await eventually(async () =>
      expect(await caseAbout(west, 'by-hand')).toMatchObject({ status: 'settled', id: open.id, openedAt }),
    );
    await sameDigests(west, 'west');
  });

  it('of a void against an amendment is void, and can be undone', async () => {
    await recordAt(west, 'voided');
    await west.ask('POST', '/api/sync/pause');
    await west.ask('DELETE', '/api/sales/voided');
    await head.ask('PATCH', '/api/sales/voided', { qty: 9 });
    await west.ask('POST', '/api/sync/resume');
    await inStep(west);
    await eventually(async () =>
      expect(await caseAbout(head, 'voided')).toMatchObject({ status: 'settled' }),
    );
    expect((await head.ask('GET', '/api/sales/voided')).body).toMatchObject({
      deletedAt: expect.any(String) as unknown,
    });
    expect((await head.ask('POST', '/api/sales/voided/restore')).body).toMatchObject({
      deletedAt: null,
      qty: 9,
    });
  });

  it('that the resolver missed is ruled when the head starts again', async () => {
    await recordAt(west, 'missed');
    await head.broker.destroyService(head.broker.getLocalService('conflicts'));
    await collide('missed', { qty: 5 }, { qty: 6 });
    await eventually(async () =>
      expect((await head.office.ledger().read.cases({ status: 'open', limit: 10 })).length).toBe(1),
    );
    head = await head.reopen();
    await eventually(async () =>
      expect(await caseAbout(head, 'missed')).toMatchObject({ status: 'settled' }),
    );
  });

  it('is ruled once, however often somebody looks', async () => {
    await recordAt(west, 'once');
    await collide('once', { qty: 5 }, { qty: 6 });
    const { id } = await eventually(async () => {
      const found = await caseAbout(head, 'once');
      expect(found.status).toBe('settled');
      return found;
    });
    await head.broker.emit('conflicts.changed', { cases: [id, id, id] });
    await head.broker.emit('conflicts.changed', { cases: [id, 'no-such-case'] });
    const { body } = await head.ask('GET', '/api/sales/once/history');
    const rulings = body.items.filter(({ type }: { type: string }) => type === 'ConflictResolved');
    expect(rulings).toHaveLength(1);
  });
});
