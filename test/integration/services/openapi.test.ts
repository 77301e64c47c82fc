// The description of the interface is held to what the interface does.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { eventually } from '../../harness/wait.ts';
import { type Answer, PAPER, type TestOffice, TestOffices } from './served.ts';

type Json = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- a document

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;
let document: Json;
let ajv: Ajv.Ajv;
const seen = new Set<string>();
let keys = 0;

beforeAll(async () => {
  head = await offices.open('hq', 'head');
  await head.ask('POST', '/api/offices', { id: 'west' });
  west = await offices.open('west', 'branch');
  await west.ask('POST', '/api/sync');
  document = (await head.ask('GET', '/openapi.json')).body as Json;
  ajv = new Ajv({ allErrors: true, logger: false });
  ajv.addSchema(document, 'api');
});
afterAll(() => offices.closeAll());

const resolved = (part: Json): Json =>
  part['$ref'] === undefined
    ? part
    : (part['$ref'] as string)
        .split('/')
        .slice(1)
        .reduce<Json>((at, name) => at[name] as Json, document);

function flaws(pointer: string[], value: unknown): unknown {
  const path = pointer.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1'));
  const $ref = `api#/${path.map(encodeURIComponent).join('/')}`;
  return ajv.validate({ $ref }, value) ? null : ajv.errors;
}

/** Asks as a client would, and holds the answer to the description. */
async function ask(office: TestOffice, route: string, path: string, body?: unknown): Promise<Answer> {
  const [method = '', template = ''] = route.split(' ');
  seen.add(route);
  const operation = document['paths'][template][method.toLowerCase()] as Json;
  const answer = await office.ask(method, path, body, { 'idempotency-key': `key ${++keys}` });
  const described = operation['responses'][answer.status] as Json | undefined;
  expect({ route, status: answer.status, isDescribed: described !== undefined }).toMatchObject({
    isDescribed: true,
  });
  const response = resolved(described!);
  const [type] = (answer.headers.get('content-type') ?? '').split(';');
  const { schema } = response['content'][type!] as { schema: { $ref: string } };
  expect({ route, flaws: flaws(schema.$ref.split('/').slice(1), answer.body) }).toEqual({
    route,
    flaws: null,
  });
  return answer;
}

/** The example of a request, which must itself be as described. */
function example(route: string): unknown {
  const [method = '', template = ''] = route.split(' ');
  const pointer = ['paths', template, method.toLowerCase(), 'requestBody', 'content', 'application/json'];
  const content = pointer.reduce<Json>((at, name) => at[name] as Json, document);
  expect(flaws([...pointer, 'schema'], content['example'])).toBeNull();
  return content['example'];
}

describe('the description of the interface', () => {
  it('names every route, and only those', async () => {
    const described = Object.entries(document['paths'] as Json).flatMap(([path, methods]) =>
      Object.keys(methods as Json).map(
        (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
      ),
    );
    const { routes } = (await head.ask('GET', '/')).body as { routes: string[] };
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path!,
    );
    const missing = references.filter(
      (path) =>
        path.split('/').reduce<Json | undefined>((at, name) => at?.[name] as Json, document) === undefined,
    );
    expect([references.length > 50, missing]).toEqual([true, []]);
  });

  it('lists what a request takes', () => {
    const { get, post } = document['paths']['/api/sales'] as Json;
    const query = (get['parameters'] as Json[]).map(({ name }) => name as string);
    expect(query).toEqual(
      expect.arrayContaining(['after', 'limit', 'count', 'deleted', 'office', 'qty', 'total']),
    );
    expect((get['parameters'] as Json[]).find(({ name }) => name === 'limit')).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 1000 },
    });
    expect((post['parameters'] as Json[]).map(({ name }) => name as string)).toEqual([
      'office',
      'Idempotency-Key',
    ]);
    expect(post['requestBody']['content']['application/json']['schema']).toMatchObject({
      required: ['soldOn', 'product', 'region', 'qty', 'cost', 'tax'],
      additionalProperties: false,
    });
    const { patch } = document['paths']['/api/sales/{id}'] as Json;
    expect(patch['requestBody']['content']['application/json']['schema']).not.toHaveProperty('required');
  });

  it('is kept by every route, when it answers and when it refuses', async () => {
    const { id } = (await ask(west, 'POST /api/sales', '/api/sales', example('POST /api/sales'))).body;
    const one = `/api/sales/${id}`;
    await ask(west, 'POST /api/sales', '/api/sales', { ...PAPER, qty: 'x', colour: 1 });
    await ask(west, 'PATCH /api/sales/{id}', one, example('PATCH /api/sales/{id}'));
    await ask(west, 'PATCH /api/sales/{id}', '/api/sales/nobody', { qty: 1 });
    await ask(west, 'DELETE /api/sales/{id}', one, example('DELETE /api/sales/{id}'));
    await ask(west, 'PATCH /api/sales/{id}', one, { qty: 7 });
    await ask(west, 'POST /api/sales/{id}/restore', `${one}/restore`);
    await ask(west, 'GET /api/sales/{id}', one);
    await ask(west, 'GET /api/sales/{id}', '/api/sales/nobody');
    await ask(west, 'GET /api/sales/{id}/history', `${one}/history`);
    await ask(west, 'GET /api/sales', '/api/sales?count=true');
    await ask(west, 'GET /api/sales', '/api/sales?limit=0');
    const row = { id: 'r1', eventId: '00000001-0000-8000-8000-000000000000', fields: PAPER };
    await ask(west, 'POST /api/sales/import', '/api/sales/import', { rows: [row, { ...row, id: '' }] });
    await ask(west, 'GET /api/events', '/api/events');
    await ask(west, 'GET /api/events/waiting', '/api/events/waiting');
    await ask(west, 'GET /api/digest', '/api/digest');
    await ask(west, 'GET /api/digest', '/api/digest?dataset=none');
    await ask(west, 'GET /', '/');
    await ask(west, 'GET /openapi.json', '/openapi.json');
    await ask(west, 'GET /health/live', '/health/live');
    await ask(west, 'GET /health/ready', '/health/ready');
  });

  it('is kept by the routes of link, offices and conflicts', async () => {
    await ask(west, 'POST /api/sales', '/api/sales', { ...PAPER, id: 'disputed' });
    await ask(west, 'POST /api/sync', '/api/sync', example('POST /api/sync'));
    await ask(west, 'POST /api/sync/pause', '/api/sync/pause');
    await ask(west, 'POST /api/sync', '/api/sync');
    await west.ask('PATCH', '/api/sales/disputed', { cost: '13' });
    await head.ask('PATCH', '/api/sales/disputed', { cost: '12' });
    await ask(west, 'POST /api/sync/resume', '/api/sync/resume');
    await ask(west, 'GET /api/sync', '/api/sync');
    await ask(head, 'GET /api/sync', '/api/sync');
    await ask(head, 'POST /api/sync', '/api/sync');
    await ask(head, 'POST /api/offices', '/api/offices', example('POST /api/offices'));
    await ask(head, 'POST /api/offices', '/api/offices', { id: 'west' });
    await ask(head, 'GET /api/offices', '/api/offices');
    await ask(west, 'GET /api/offices', '/api/offices');
    await ask(head, 'GET /api/offices/{id}', '/api/offices/west');
    await ask(head, 'DELETE /api/offices/{id}', '/api/offices/east');
    const { id } = await eventually(async () => {
      const { body } = await ask(head, 'GET /api/conflicts', '/api/conflicts?status=open');
      expect(body.items).toHaveLength(1);
      return body.items[0] as { id: string };
    });
    await ask(head, 'GET /api/conflicts/{id}', `/api/conflicts/${id}`);
    const resolve = 'POST /api/conflicts/{id}/resolve';
    await ask(west, resolve, `/api/conflicts/${id}/resolve`, { take: { office: 'west' } });
    await ask(head, resolve, `/api/conflicts/${id}/resolve`, { take: 'west' });
    await ask(head, resolve, `/api/conflicts/${id}/resolve`, example(resolve));
    expect((await ask(head, 'GET /api/conflicts', '/api/conflicts')).body.items[0]).toMatchObject({
      status: 'settled',
    });
  });

  it('was held to every route', () => {
    const all = Object.entries(document['paths'] as Json).flatMap(([path, methods]) =>
      Object.keys(methods as Json).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect([...seen].toSorted()).toEqual(all.toSorted());
  });
});
