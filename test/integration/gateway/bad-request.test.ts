// How a branch refuses, over real HTTP.
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
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

describe('a bad request', () => {
  it.each([
    ['{bad', 400, 'malformed-request'],
    ['', 400, 'malformed-request'],
    ['[]', 400, 'malformed-request'],
    ['"text"', 400, 'malformed-request'],
    ['null', 400, 'malformed-request'],
    ['{}', 422, 'invalid-input'],
    ['{"__proto__":{"qty":1}}', 422, 'invalid-input'],
    [`{"product":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 422, 'invalid-input'],
  ])('%#: is refused with its reason', async (body, status, type) => {
    expect(await ask('POST', '/api/sales', body)).toMatchObject(problem(status, type));
  });

  it('lists everything that is wrong with a sale', async () => {
    const { body } = await ask('POST', '/api/sales', {
      ...PAPER,
      qty: 1.5,
      cost: '1e3',
      tax: 0.30000000000000004,
      colour: 'red',
      amount: '1',
    });
    const fields = body.problems.map(({ field }: { field: string }) => field);
    expect(fields.toSorted()).toEqual(['amount', 'colour', 'cost', 'qty', 'tax']);
  });

  it.each([
    ['a NUL', { product: 'a\u0000b' }],
    ['half a character', { product: '\ud800' }],
    ['a day that there is not', { soldOn: '2026-02-29' }],
    ['too much money', { cost: '100000000000000' }],
    ['an id that is no text', { id: 7 }],
    ['an empty id', { id: '' }],
    ['an id with a line break', { id: 'a\nb' }],
  ])('is refused for %s', async (_, change) => {
    const { status } = await ask('POST', '/api/sales', { ...PAPER, ...change });
    expect([400, 422]).toContain(status);
  });

  it.each([
    ['1.00000000000000001', 422],
    ['0.1000000000000000055511151231257827', 422],
    ['1e400', 422],
    ['1e-400', 422],
    ['9007199254740993', 422],
    [`1.${'0'.repeat(64)}`, 422],
    ['12.950', 201],
    ['1.5e1', 201],
    ['1.0000000000000000', 201],
    ['"1.0000000000000000"', 201],
  ])('with money of %s: %i, and never rounded', async (cost, status) => {
    const text = JSON.stringify({ ...PAPER, cost: '#' }).replace('"#"', cost);
    const answer = await ask('POST', '/api/sales', text);
    expect(answer.status).toBe(status);
    if (status === 422) {
      expect(answer.body).toMatchObject({
        type: 'urn:branchline:problem:invalid-input',
        problems: [{ field: 'cost', reason: expect.stringMatching(/send it as text/) as unknown }],
      });
    }
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=latin1', 415],
    ['application/json; charset=utf-8', 201],
    ['application/merge-patch+json', 201],
  ])('of type %s: %i', async (type, status) => {
    expect((await ask('POST', '/api/sales', PAPER, { 'content-type': type })).status).toBe(status);
  });

  it('that is compressed or not UTF-8 is refused', async () => {
    expect(await ask('POST', '/api/sales', PAPER, { 'content-encoding': 'gzip' })).toMatchObject(
      problem(415, 'unsupported-media-type'),
    );
    const latin = Buffer.from(JSON.stringify({ ...PAPER, product: 'é' }), 'latin1');
    const response = await fetch(`${west.url}/api/sales`, {
      method: 'POST',
      body: latin,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
  });

  it('that is too large is refused, and the connection lives', async () => {
    const large = { ...PAPER, product: 'x'.repeat(4 * 1024 * 1024) };
    expect(await ask('POST', '/api/sales', large)).toMatchObject(problem(413, 'body-too-large'));
    expect((await ask('POST', '/api/sales', PAPER)).status).toBe(201);
  });

  it.each([
    ['GET', '/', 200],
    ['GET', '/nothing', 404],
    ['GET', '/api', 404],
    ['GET', '/api/sales/a/b/c', 404],
    ['GET', '/api/purchases', 404],
    ['GET', '/~node/health', 404],
    ['GET', '/gateway/rest', 404],
    ['GET', '/api/sales/%zz', 400],
    ['GET', '/api/sales/', 200],
    ['GET', '/api/conflicts/none', 404],
    ['GET', '/api/digest?dataset=none', 404],
    ['GET', '/api/events?after=-1', 400],
    ['GET', '/api/sync?x=1', 400],
    ['GET', '/?x=1', 400],
    ['GET', '/openapi.json?x=1', 400],
    ['GET', '/api/conflicts?colour=red', 400],
    ['GET', '/api/conflicts?after=garbage', 400],
    ['GET', '/api/events?colour=red', 400],
    ['GET', '/api/events/waiting?colour=red', 400],
    ['GET', '/api/digest?colour=red', 400],
    ['GET', '/api/offices?colour=red', 400],
    ['GET', '/health/live?colour=red', 400],
  ])('%s %s: %i', async (method, path, status) => {
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    if (status >= 400) expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it.each(['PUT', 'OPTIONS'])('with the method %s is told which ones there are', async (method) => {
    const answer = await ask(method, '/api/sales');
    expect(answer).toMatchObject(problem(405, 'method-not-allowed'));
    expect(answer.headers.get('allow')).toBe('GET, POST, HEAD');
  });

  it('answers HEAD like GET, without a body', async () => {
    const answer = await ask('HEAD', '/api/sales');
    expect([answer.status, answer.body]).toEqual([200, null]);
  });

  it('with a query that belongs into the body is refused', async () => {
    expect(await ask('POST', '/api/sales?qty=5', PAPER)).toMatchObject(problem(400, 'invalid-parameters'));
    const { id } = await newSale();
    expect(await ask('PATCH', `/api/sales/${id}`, { id: 'other' })).toMatchObject(
      problem(400, 'invalid-parameters'),
    );
  });

  it('for another office is refused', async () => {
    expect(await ask('POST', '/api/sales', { ...PAPER, office: 'east' })).toMatchObject(
      problem(403, 'not-your-scope'),
    );
    const { id } = await newSale();
    expect(await ask('PATCH', `/api/sales/${id}?office=east`, { qty: 1 })).toMatchObject(
      problem(403, 'not-your-scope'),
    );
  });

  it.each([
    [400, 'Content-Length: x'],
    [431, `X-Large: ${'x'.repeat(20_000)}`],
  ])('that is no HTTP is answered with a problem: %i', async (status, header) => {
    const socket = connect(Number(new URL(west.url!).port), '127.0.0.1');
    socket.write(`GET /api/sales HTTP/1.1\r\nHost: 127.0.0.1\r\n${header}\r\n\r\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const [head, body] = Buffer.concat(chunks).toString().split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 \d+ .*\r\nContent-Type: application\/problem\+json/);
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(JSON.parse(body!)).toMatchObject({
      status,
      type: 'urn:branchline:problem:malformed-request',
    });
  });

  it('of a page of another site is refused, also where its name points here', async () => {
    const foreign = problem(403, 'foreign-origin');
    expect(await ask('POST', '/api/sync/pause', undefined, { origin: 'https://evil.example' })).toMatchObject(
      foreign,
    );
    expect(await ask('GET', '/api/sales', undefined, { origin: west.url! })).toMatchObject({ status: 200 });
    expect(await statusWithHost('evil.example')).toBe(403);
    expect(await statusWithHost('localhost:80')).toBe(200);
  });
});

/** fetch does not let us choose the Host. */
function statusWithHost(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpRequest(`${west.url}/api/sales`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
