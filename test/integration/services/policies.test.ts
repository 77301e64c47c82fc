// The head settles disputes otherwise from now on: an event that every office follows, in order, with a version.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeFolder } from '../../harness/folder.ts';
import { eventually } from '../../harness/wait.ts';
import { PAPER, problem, type TestOffice, TestOffices } from './served.ts';

const VISITS = `export default {
  name: 'visits',
  noun: 'Visit',
  fields: { guests: { kind: 'integer' }, mood: { kind: 'text', maxLength: 20 } },
  policies: {
    fields: { guests: 'add' },
    custom: [{ name: 'first', rule: ([first]) => first }],
  },
};`;

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;

beforeAll(async () => {
  const datasetsDir = await makeFolder('datasets');
  await writeFile(join(datasetsDir, 'visits.mjs'), VISITS);
  head = await offices.open('hq', 'head', { datasetsDir });
  await head.ask('POST', '/api/offices', { id: 'west' });
  west = await offices.open('west', 'branch', { datasetsDir });
  for (const id of ['a', 'b', 'c']) await west.ask('POST', '/api/sales', { ...PAPER, id });
  await west.ask('POST', '/api/visits', { id: 'v', guests: 1, mood: 'good' });
  expect(await west.ask('POST', '/api/sync')).toMatchObject({ status: 200 });
}, 60_000);
afterAll(() => offices.closeAll());

async function collide(path: string, here: object, there: object): Promise<void> {
  await west.ask('POST', '/api/sync/pause');
  expect(await west.ask('PATCH', path, here)).toMatchObject({ status: 200 });
  expect(await head.ask('PATCH', path, there)).toMatchObject({ status: 200 });
  await west.ask('POST', '/api/sync/resume');
  await west.ask('POST', '/api/sync');
}

const set = (change: object, dataset = 'sales', at = head) =>
  at.ask('PUT', `/api/datasets/${dataset}/policies`, change);

async function caseAbout(sale: string) {
  const { body } = await head.ask('GET', '/api/conflicts?limit=1000');
  return body.items.find(({ entityId }: { entityId: string }) => entityId === sale);
}

describe('a change of policies', () => {
  it('rules on what waits, and names itself in the ruling', async () => {
    await collide('/api/sales/a', { cost: '13' }, { cost: '14' });
    await eventually(async () => expect(await caseAbout('a')).toMatchObject({ status: 'open' }));
    const { status, body } = await set({ fields: { cost: 'owner-wins' } });
    expect([status, body.policies]).toEqual([
      200,
      { version: 2, default: 'latest', fields: { cost: 'owner-wins', tax: 'manual' }, void: 'void-wins' },
    ]);
    await eventually(async () =>
      expect(await caseAbout('a')).toMatchObject({
        status: 'settled',
        rulings: [{ policies: { cost: 'owner-wins' }, policyVersion: 2, values: { cost: '13.00' } }],
      }),
    );
  });

  it('reaches the branches, in order with what was ruled by it', async () => {
    await west.ask('POST', '/api/sync');
    await eventually(async () => {
      const { body } = await west.ask('GET', '/api/datasets/sales');
      expect(body.policies).toMatchObject({ version: 2, fields: { cost: 'owner-wins' } });
    });
    await eventually(async () =>
      expect((await west.ask('GET', '/api/sales/a')).body).toMatchObject({
        cost: '13.00',
        conflicted: false,
      }),
    );
    const { items } = (await west.ask('GET', '/api/events?limit=1000')).body;
    const types = items.map(({ type }: { type: string }) => type);
    expect(types.indexOf('PoliciesChanged')).toBeLessThan(types.indexOf('ConflictResolved'));
    expect((await west.ask('GET', '/api/quarantine')).body.items).toEqual([]);
  });

  it('counts up its version, and does nothing where it changes nothing', async () => {
    expect((await set({ void: 'amend-wins', version: 2 })).body.policies).toMatchObject({ version: 3 });
    expect((await set({ void: 'amend-wins', fields: { cost: 'owner-wins' } })).body.policies).toMatchObject({
      version: 3,
    });
    expect(await set({ void: 'void-wins', version: 2 })).toMatchObject({
      ...problem(409, 'dataset-changed'),
      body: { expected: 2, actual: 3 },
    });
  });

  it('is kept with its history, at every office, over a restart', async () => {
    head = await head.reopen();
    expect((await head.ask('GET', '/api/datasets/sales')).body.policies.version).toBe(3);
    await west.ask('POST', '/api/sync');
    for (const office of [head, west])
      await eventually(async () => {
        const { body } = await office.ask('GET', '/api/datasets/sales/policies');
        expect(body.items).toMatchObject([
          { version: 1, at: null, fields: { cost: 'manual', tax: 'manual' }, void: 'void-wins' },
          { version: 2, actor: 'anonymous', fields: { cost: 'owner-wins' }, void: 'void-wins' },
          { version: 3, fields: { cost: 'owner-wins' }, void: 'amend-wins' },
        ]);
      });
    await collide('/api/sales/b', { cost: '13' }, { cost: '14' });
    await eventually(async () =>
      expect(await caseAbout('b')).toMatchObject({
        rulings: [{ policyVersion: 3, values: { cost: '13.00' } }],
      }),
    );
  });

  it('names a custom policy of the declaration, which the head carries out', async () => {
    expect((await set({ fields: { mood: 'first' } }, 'visits')).body.policies).toMatchObject({
      version: 2,
      fields: { guests: 'add', mood: 'first' },
    });
    await collide('/api/visits/v', { mood: 'fair', guests: { add: 2 } }, { mood: 'bad', guests: { add: 3 } });
    await eventually(async () => {
      for (const office of [head, west])
        expect((await office.ask('GET', '/api/visits/v')).body).toMatchObject({ guests: 6, mood: 'fair' });
    });
    expect(await caseAbout('v')).toMatchObject({ rulings: [{ policies: { guests: 'add', mood: 'first' } }] });
  });

  it.each<[object, string, number, string]>([
    [{ fields: { cost: 'first' } }, 'sales', 422, 'invalid-input'],
    [{ fields: { price: 'latest' } }, 'sales', 422, 'invalid-input'],
    [{ fields: { quantity: 'latest' } }, 'stock', 422, 'invalid-input'],
    [{ void: 'max' }, 'sales', 400, 'invalid-parameters'],
    [{ fields: 'cost' }, 'sales', 400, 'invalid-parameters'],
    [{ default: 'latest' }, 'planets', 404, 'unknown-dataset'],
  ])('is refused: %j of %s', async (change, dataset, status, type) => {
    expect(await set(change, dataset)).toMatchObject(problem(status, type));
  });

  it('is for the head alone', async () => {
    expect(await set({ void: 'manual' }, 'sales', west)).toMatchObject(problem(404, 'only-at-the-head'));
  });
});
