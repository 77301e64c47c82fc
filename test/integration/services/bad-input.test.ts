// Text and numbers that no database can hold: every office answers them alike, whatever its database says.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestPlace, testPostgres, testSqlite } from '../../harness/servers.ts';
import { PAPER, type TestOffice, TestOffices } from './served.ts';

const NUL = '%00';
const HALF = '\ud800';
const token = (...key: string[]) => Buffer.from(JSON.stringify(key)).toString('base64url');
const beyondBigint = '1e20';

const REQUESTS: [method: string, path: string, status: number, body?: unknown][] = [
  ['GET', `/api/sales/${NUL}`, 400],
  ['GET', `/api/sales/a${NUL}/history`, 400],
  ['PATCH', `/api/sales/${NUL}`, 400, { qty: 1 }],
  ['DELETE', `/api/sales/${NUL}`, 400],
  ['POST', `/api/sales/${NUL}/restore`, 400],
  ['PATCH', `/api/sales/a?office=${NUL}`, 400, { qty: 1 }],
  ['PATCH', '/api/sales/a', 404, { qty: 1, office: '\0' }],
  ['POST', '/api/sales', 400, { ...PAPER, office: '\0' }],
  ['POST', '/api/sales', 422, { ...PAPER, id: '\0' }],
  ['POST', '/api/sales', 422, { ...PAPER, product: '\0' }],
  ['POST', '/api/sales/import', 400, { office: '\0', rows: [] }],
  ['GET', `/api/sales?office=${NUL}`, 400],
  ['GET', `/api/sales?product=${NUL}`, 400],
  ['GET', `/api/sales?after=${token('\0', 'a')}`, 400],
  ['GET', `/api/sales?after=${token('hq', 'a\0')}`, 400],
  ['GET', `/api/sales?after=${token('hq', HALF)}`, 400],
  ['GET', `/api/digest?scope=${NUL}`, 400],
  ['GET', `/api/digest?dataset=${NUL}`, 400],
  ['GET', `/api/events?after=${beyondBigint}`, 400],
  ['GET', `/api/events?author=${NUL}`, 400],
  ['GET', `/api/events?scope=${NUL}`, 400],
  ['GET', `/api/events/waiting?after=${beyondBigint}`, 400],
  ['GET', `/api/conflicts/${NUL}`, 400],
  ['GET', `/api/conflicts?office=${NUL}&count=true`, 400],
  ['GET', `/api/conflicts?after=${NUL}`, 400],
  ['POST', `/api/conflicts/${NUL}/resolve`, 400, { take: { office: 'west' } }],
  ['GET', `/api/offices/${NUL}`, 400],
  ['DELETE', `/api/offices/${NUL}`, 400],
  ['POST', '/api/offices', 400, { id: 'east', name: 'a\0b' }],
  ['POST', '/api/offices', 400, { id: 'east', name: `a${HALF}` }],
  ['POST', '/api/offices', 400, { id: 'east', name: null }],
  ['POST', '/api/sales', 400, { ...PAPER, id: null }],
  ['POST', '/api/sales', 400, { ...PAPER, office: null }],
  ['POST', '/api/sales', 422, { ...PAPER, qty: null }],
  ['POST', '/api/sales/import', 400, { rows: null }],
  ['POST', '/api/conflicts/none/resolve', 400, { take: null }],
  ['POST', '/api/conflicts/none/resolve', 400, { take: { office: 'west', epoch: null } }],
  ['DELETE', '/api/sales/a', 400, { reason: null }],
];

describe.each([
  ['sqlite', testSqlite],
  ['postgresql', testPostgres],
])('on %s', (_, place) => {
  const offices = new TestOffices();
  let database: TestPlace;
  let head: TestOffice;

  beforeAll(async () => {
    database = await place();
    head = await offices.open('hq', 'head', { databaseUrl: database.url });
  });
  afterAll(async () => {
    await offices.closeAll();
    await database.drop();
  });

  it.each(REQUESTS)('%s %s is answered with %i', async (method, path, status, ...[body]) => {
    const answer = await head.ask(method, path, body);
    expect({ status: answer.status, type: answer.body.type }).toEqual({
      status,
      type: expect.stringMatching(/(invalid-(parameters|input|value)|unknown-entity)$/) as unknown,
    });
  });
});
