// What a branch answers over real HTTP beside its sales, with a real SQLite file.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Ask, PAPER, problem, TestOffices, type TestOffice } from '../services/served.ts';

const offices = new TestOffices();
let west: TestOffice;
let ask: Ask;

beforeAll(async () => {
  west = await offices.open('west', 'branch');
  ask = west.ask;
  for (let qty = 1; qty <= 6; qty++) await ask('POST', '/api/sales', { ...PAPER, qty });
});
afterAll(() => offices.closeAll());

describe('the rest of a branch', () => {
  it('is alive and ready', async () => {
    expect((await ask('GET', '/health/live')).body).toMatchObject({
      status: 'ok',
      office: 'west',
      role: 'branch',
    });
    expect(await ask('GET', '/health/ready')).toMatchObject({
      status: 200,
      body: { ready: true, database: { ok: true } },
    });
  });

  it('shows its log from any position', async () => {
    const all = (await ask('GET', '/api/events?limit=1000')).body;
    expect(all.items.map(({ position }: { position: number }) => position)).toEqual(
      all.items.map((_: unknown, index: number) => index + 1),
    );
    const page = (await ask('GET', '/api/events?after=2&limit=2')).body;
    expect(page.items).toEqual(all.items.slice(2, 4));
    expect(page.next).toBe(4);
    const last = all.items.at(-1).position;
    expect((await ask('GET', `/api/events?after=${last - 1}&limit=1`)).body.next).toBeNull();
    expect((await ask('GET', `/api/events?after=${last}`)).body).toEqual({ items: [], next: null });
  });

  it('has a digest of its own sales, and none of what it does not hold', async () => {
    const { body } = await ask('GET', '/api/digest');
    expect(body).toMatchObject({
      dataset: 'sales',
      scope: 'west',
      events: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
    expect((await ask('GET', '/api/digest?dataset=sales&scope=shared')).body).toMatchObject({
      count: 0,
      state: '0'.repeat(64),
    });
    const unknown = await ask('GET', '/api/digest?dataset=sales&scope=east');
    expect(unknown).toMatchObject(problem(400, 'invalid-parameters'));
    expect(unknown.body.detail).toMatch(/west, shared/);
  });

  it('pauses and resumes, and says so', async () => {
    expect((await ask('POST', '/api/sync/pause')).body).toMatchObject({ paused: true });
    expect(await ask('POST', '/api/sync')).toMatchObject(problem(409, 'sync-paused'));
    expect((await ask('GET', '/api/sync')).body).toMatchObject({ state: 'offline', paused: true });
    expect((await ask('POST', '/api/sync/resume')).body).toMatchObject({ paused: false });
  });

  it('says why a sync cannot be done', async () => {
    const answer = await ask('POST', '/api/sync', { deadlineMs: 50 });
    expect(answer).toMatchObject(problem(503, 'sync-incomplete'));
    expect(answer.body.detail).toMatch(/could not be completed/);
    expect(answer.body.sync).toMatchObject({ state: 'offline', problem: null });
  });

  it('leaves to the head what is the head’s', async () => {
    expect(await ask('GET', '/api/offices')).toMatchObject(problem(404, 'only-at-the-head'));
    expect(await ask('POST', '/api/conflicts/x/resolve', { take: { office: 'west' } })).toMatchObject(
      problem(403, 'not-allowed'),
    );
  });

  it('imports many rows at once, each for itself, and none twice', async () => {
    const row = (n: number, change: object = {}) => ({
      id: `imported-${n}`,
      eventId: `0000000${n}-0000-8000-8000-000000000000`,
      fields: { ...PAPER, ...change },
    });
    const rows = [row(1), row(2, { qty: 'x' }), row(3)];
    const imported = () => ask('POST', '/api/sales/import', { rows });
    expect((await imported()).body).toMatchObject({
      added: 2,
      known: 0,
      refused: [{ index: 1, type: 'invalid-input' }],
    });
    expect((await imported()).body).toMatchObject({ added: 0, known: 2, refused: [{ index: 1 }] });
    expect(await ask('POST', '/api/sales/import', { rows: [{ id: 'x' }] })).toMatchObject(
      problem(400, 'invalid-parameters'),
    );
  });

  it('describes itself', async () => {
    const { body } = await ask('GET', '/openapi.json');
    expect(body.paths['/api/sales/{id}']).toHaveProperty('patch');
    expect(body.components.schemas.sales.properties).toMatchObject({
      cost: { type: 'string' },
      total: { readOnly: true },
    });
    expect((await ask('GET', '/')).body.routes).toContain('POST /api/sales');
  });

  it('keeps everything over a restart', async () => {
    const before = (await ask('GET', '/api/digest')).body;
    west = await west.reopen();
    ask = west.ask;
    expect((await ask('GET', '/api/digest')).body).toEqual(before);
  });
});
