// An office whose database does not answer: nothing listens where it should be.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../harness/ports.ts';
import { PAPER, problem, TestOffices, type TestOffice } from './served.ts';

const offices = new TestOffices();
let away: TestOffice;

beforeAll(async () => {
  const databaseUrl = `postgresql://someone:hunter22@127.0.0.1:${await freePort()}/west`;
  away = await offices.open('west', 'branch', { databaseUrl });
});
afterAll(() => offices.closeAll());

describe('an office whose database is away', () => {
  it('lives, and is not ready', async () => {
    expect(await away.ask('GET', '/health/live')).toMatchObject({ status: 200 });
    expect(await away.ask('GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { ready: false, database: { ok: false } },
    });
  });

  it.each([
    ['POST', '/api/sales', PAPER],
    ['PATCH', '/api/sales/x', { qty: 1 }],
    ['DELETE', '/api/sales/x', undefined],
    ['GET', '/api/sales', undefined],
    ['GET', '/api/sales/x', undefined],
    ['GET', '/api/events', undefined],
    ['GET', '/api/digest', undefined],
    ['GET', '/api/conflicts', undefined],
    ['POST', '/api/sync', undefined],
    ['POST', '/api/sync/pause', undefined],
  ])('answers %s %s with 503, when to try again, and no password', async (method, path, body) => {
    const answer = await away.ask(method, path, body);
    expect(answer).toMatchObject(problem(503, 'database-unavailable'));
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(JSON.stringify(answer.body)).not.toContain('hunter22');
  });

  it('says how its link stands', async () => {
    expect(await away.ask('GET', '/api/sync')).toMatchObject({
      status: 200,
      body: { state: 'starting', problem: { type: 'database-unavailable' } },
    });
  });
});
