// One branch over real HTTP, with a real SQLite file: what it answers, and how it refuses.
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Ask, PAPER, problem, TestOffices, type TestOffice } from './services/served.ts';

const offices = new TestOffices();
let west: TestOffice;
let ask: Ask;

beforeAll(async () => {
  west = await offices.open('west', 'branch');
  ask = west.ask;
});
afterAll(() => offices.closeAll());

const newSale = async (change: object = {}) =>
  (await ask('POST', '/api/sales', { ...PAPER, ...change })).body;

describe('a sale', () => {
  it('is recorded, and shown as the interface says', async () => {
    const { status, headers, body } = await ask('POST', '/api/sales', PAPER);
    expect({ status, location: headers.get('location') }).toEqual({
      status: 201,
      location: `/api/sales/${body.id}`,
    });
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      ...PAPER,
      amount: '427.35',
      total: '457.26',
      office: 'west',
      createdAt: instant,
      updatedAt: instant,
      deletedAt: null,
      conflicted: false,
    });
    expect(await ask('GET', `/api/sales/${body.id}`)).toMatchObject({ status: 200, body });
  });

  it('shows money with at least two places, and never fewer than it has', async () => {
    expect(await newSale({ cost: 2, tax: '0.1234' })).toMatchObject({
      cost: '2.00',
      tax: '0.1234',
      total: '66.1234',
    });
  });

  it('takes an id of the client, whatever characters it has', async () => {
    const id = 'till 7/ß…%?#🖊';
    expect(await newSale({ id })).toMatchObject({ id });
    const path = `/api/sales/${encodeURIComponent(id)}`;
    expect((await ask('GET', path)).body).toMatchObject({ id });
    expect((await ask('PATCH', path, { qty: 1 })).body).toMatchObject({ id, qty: 1 });
    expect(await ask('POST', '/api/sales', { ...PAPER, id })).toMatchObject(problem(409, 'already-exists'));
  });

  it('is amended, voided and restored', async () => {
    const { id } = await newSale();
    const path = `/api/sales/${id}`;
    expect(await ask('PATCH', path, { qty: 2 })).toMatchObject({
      status: 200,
      body: { qty: 2, amount: '25.90' },
    });
    expect(await ask('DELETE', path, { reason: 'typed twice' })).toMatchObject({
      status: 200,
      body: { id, deletedAt: expect.any(String) as unknown },
    });
    expect(await ask('DELETE', path)).toMatchObject({ status: 200 });
    expect(await ask('PATCH', path, { qty: 3 })).toMatchObject(problem(409, 'entity-voided'));
    expect(await ask('GET', path)).toMatchObject({
      status: 200,
      body: { deletedAt: expect.any(String) as unknown },
    });
    expect(await ask('POST', `${path}/restore`)).toMatchObject({
      status: 200,
      body: { qty: 2, deletedAt: null },
    });
    const { body } = await ask('GET', `${path}/history`);
    const types = body.items.map(({ type }: { type: string }) => type);
    expect(types).toEqual(['SaleRecorded', 'SaleAmended', 'SaleVoided', 'SaleRestored']);
    expect(body.items[2]).toMatchObject({
      office: 'west',
      actor: 'anonymous',
      data: { reason: 'typed twice' },
    });
  });

  it.each(['GET', 'PATCH', 'DELETE'])('that does not exist is unknown to %s', async (method) => {
    const body = method === 'PATCH' ? { qty: 1 } : undefined;
    expect(await ask(method, '/api/sales/nobody', body)).toMatchObject(problem(404, 'unknown-entity'));
  });
});

describe('a list of sales', () => {
  const marked = (product: string) => `/api/sales?product=${product}`;

  it('is paged, counted and filtered', async () => {
    const ids: string[] = [];
    for (let qty = 1; qty <= 5; qty++) ids.push((await newSale({ product: 'Listed', qty })).id);
    await ask('DELETE', `/api/sales/${ids[0]!}`);
    const first = (await ask('GET', `${marked('Listed')}&limit=3&count=true`)).body;
    expect([first.items.length, first.total]).toEqual([3, 4]);
    const second = (await ask('GET', `${marked('Listed')}&limit=3&after=${first.next}`)).body;
    expect([second.items.length, second.next, second.total]).toEqual([1, null, undefined]);
    const seen = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
    expect(seen.toSorted()).toEqual(ids.slice(1).toSorted());
    const count = async (query: string) =>
      (await ask('GET', `${marked('Listed')}&count=true&${query}`)).body.total;
    expect(await count('deleted=only')).toBe(1);
    expect(await count('deleted=with')).toBe(5);
    expect(await count('qty=3')).toBe(1);
    expect(await count('amount=38.850')).toBe(1);
    expect(await count('office=east')).toBe(0);
    expect(await count('conflicted=true')).toBe(0);
  });

  it.each([
    ['foo=1', 'foo'],
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=many', 'limit'],
    ['after=nonsense', 'after'],
    ['deleted=maybe', 'deleted'],
    ['conflicted=maybe', 'conflicted'],
    ['count=maybe', 'count'],
    ['qty=three', 'qty'],
    ['soldOn=2026-02-30', 'soldOn'],
    ['qty=1&qty=2', 'qty'],
    ['product[x]=1', 'product[x]'],
    ['__proto__=1', '__proto__'],
  ])('refuses ?%s', async (query, field) => {
    const answer = await ask('GET', `/api/sales?${query}`);
    expect(answer).toMatchObject(problem(400, 'invalid-parameters'));
    expect(answer.body.problems).toMatchObject([{ field, reason: expect.any(String) as unknown }]);
  });
});

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
