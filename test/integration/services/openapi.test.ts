// The description of the interface is held to what the interface does.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { dotName } from '../../../domain/event.ts';
import { eventually } from '../../harness/wait.ts';
import { newId } from '../../unit/sync-log.ts';
import { poison } from './poison.ts';
import { type Answer, PAPER, type TestOffice, TestOffices } from './served.ts';

/** As much of the document as is looked at here. */
interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly parameters: readonly { readonly name: string }[];
  readonly requestBody: { readonly content: Content };
  readonly responses: Readonly<Record<string, Reference | { readonly content: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: Reference; readonly example?: unknown }>>;

interface Reference {
  readonly $ref: string;
}

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;
let document: Described;
let ajv: Ajv.Ajv;
const seen = new Set<string>();
let keys = 0;

beforeAll(async () => {
  head = await offices.open('hq', 'head');
  await head.ask('POST', '/api/offices', { id: 'west' });
  west = await offices.open('west', 'branch');
  await west.ask('POST', '/api/sync');
  document = (await head.ask('GET', '/openapi.json')).body as Described;
  ajv = new Ajv({ allErrors: true, logger: false });
  ajv.addSchema(document, 'api');
});
afterAll(() => offices.closeAll());

/** What stands at a place of the document; undefined where nothing does. */
function at(names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (part, name) => (part as Record<string, unknown> | undefined)?.[name],
    document,
  );
}

const pointerOf = ({ $ref }: Reference): string[] => $ref.split('/').slice(1);

function operationOf(route: string): Operation {
  const [method = '', template = ''] = route.split(' ');
  return document.paths[template]![method.toLowerCase()]!;
}

const allRoutes = (): string[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );

function flaws(pointer: string[], value: unknown): unknown {
  const path = pointer.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1'));
  const $ref = `api#/${path.map(encodeURIComponent).join('/')}`;
  return ajv.validate({ $ref }, value) ? null : ajv.errors;
}

/** Asks as a client would, and holds the answer to the description. */
async function ask(office: TestOffice, route: string, path: string, body?: unknown): Promise<Answer> {
  const [method = ''] = route.split(' ');
  seen.add(route);
  const answer = await office.ask(method, path, body, { 'idempotency-key': `key ${++keys}` });
  const described = operationOf(route).responses[answer.status];
  expect({ route, status: answer.status, isDescribed: described !== undefined }).toMatchObject({
    isDescribed: true,
  });
  const response = '$ref' in described! ? at(pointerOf(described)) : described;
  if (answer.status === 303) {
    expect([answer.body, response]).toEqual([
      null,
      expect.not.objectContaining({ content: expect.anything() }),
    ]);
    return answer;
  }
  const [type] = (answer.headers.get('content-type') ?? '').split(';');
  const { schema } = (response as { content: Content }).content[type!]!;
  expect({ route, flaws: flaws(pointerOf(schema), answer.body) }).toEqual({
    route,
    flaws: null,
  });
  return answer;
}

/** The example of a request, which must itself be as described. */
function example(route: string): unknown {
  const [method = '', template = ''] = route.split(' ');
  const pointer = ['paths', template, method.toLowerCase(), 'requestBody', 'content', 'application/json'];
  const { example: given } = at(pointer) as Content[string];
  expect(flaws([...pointer, 'schema'], given)).toBeNull();
  return given;
}

describe('the description of the interface', () => {
  it('names every route, and only those', async () => {
    const described = allRoutes().map((route) => route.replace(/\{(\w+)\}/g, ':$1'));
    const { routes } = (await head.ask('GET', '/')).body as { routes: string[] };
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path!,
    );
    const missing = references.filter((path) => at(path.split('/')) === undefined);
    expect([references.length > 50, missing]).toEqual([true, []]);
  });

  it('lists what a request takes', () => {
    const [get, post] = [operationOf('GET /api/sales'), operationOf('POST /api/sales')];
    expect(get.parameters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['after', 'limit', 'count', 'deleted', 'office', 'qty', 'total']),
    );
    expect(get.parameters.find(({ name }) => name === 'limit')).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 1000 },
    });
    expect(post.parameters.map(({ name }) => name)).toEqual(['office', 'Idempotency-Key']);
    expect(post.requestBody.content['application/json']!.schema).toMatchObject({
      required: ['soldOn', 'product', 'region', 'qty', 'cost', 'tax'],
      additionalProperties: false,
    });
    const patch = operationOf('PATCH /api/sales/{id}');
    expect(patch.requestBody.content['application/json']!.schema).not.toHaveProperty('required');
  });

  it.each([
    { name: 'sales', office: () => west, fields: PAPER },
    { name: 'products', office: () => head, fields: { name: 'Paper', price: '12.95', onSale: true } },
    { name: 'stock', office: () => west, fields: { product: 'paper', quantity: 3 } },
  ])(
    'is kept by the routes of $name, when they answer and when they refuse',
    async ({ name, office, fields }) => {
      const [all, one] = [`/api/${name}`, `/api/${name}/{id}`];
      const at = office();
      const [post, patch, remove] = [`POST ${all}`, `PATCH ${one}`, `DELETE ${one}`];
      const { id } = (await ask(at, post, all, example(post))).body;
      const it = `${all}/${id}`;
      await ask(at, post, all, { ...fields, [Object.keys(fields)[0]!]: {}, colour: 1 });
      await ask(at, patch, it, example(patch));
      await ask(at, patch, `${all}/nobody`, fields);
      await ask(at, remove, it, example(remove));
      await ask(at, patch, it, fields);
      await ask(at, `POST ${one}/restore`, `${it}/restore`);
      await ask(at, `GET ${one}`, it);
      await ask(at, `GET ${one}`, `${all}/nobody`);
      await ask(at, `GET ${one}/history`, `${it}/history`);
      await ask(at, `GET ${all}`, `${all}?count=true`);
      await ask(at, `GET ${all}`, `${all}?limit=0`);
      const row = { id: 'r1', eventId: '00000001-0000-8000-8000-000000000000', fields };
      await ask(at, `POST ${all}/import`, `${all}/import`, { rows: [row, { ...row, id: '' }] });
    },
  );

  it('is kept by the other routes of every office', async () => {
    await ask(west, 'GET /api/datasets', '/api/datasets');
    await ask(west, 'GET /api/datasets/{name}', '/api/datasets/stock');
    await ask(west, 'GET /api/datasets/{name}', '/api/datasets/nothing');
    await ask(west, 'GET /api/events', '/api/events');
    await ask(west, 'GET /api/events/verify', '/api/events/verify');
    await ask(west, 'GET /api/events/verify', '/api/events/verify?author=head');
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
    await ask(west, 'POST /api/sync/claim', '/api/sync/claim');
    await ask(head, 'POST /api/sync/claim', '/api/sync/claim');
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
    await ask(head, 'POST /api/conflicts/{id}/note', `/api/conflicts/${id}/note`, { note: 'asked the till' });
    const policies = 'PUT /api/datasets/{name}/policies';
    await ask(head, policies, '/api/datasets/products/policies', { fields: { name: 'head-wins' } });
    await ask(west, policies, '/api/datasets/products/policies', { void: 'manual' });
    await ask(head, 'GET /api/datasets/{name}/policies', '/api/datasets/products/policies');
    const trial = 'POST /api/conflicts/try';
    await ask(head, trial, '/api/conflicts/try', { policy: 'max' });
    await ask(head, trial, '/api/conflicts/try', { policies: { void: 'max' }, dataset: 'sales' });
    const inBulk = 'POST /api/conflicts/resolve';
    await ask(west, inBulk, '/api/conflicts/resolve', { by: 'latest' });
    await ask(head, inBulk, '/api/conflicts/resolve', { by: 'latest', dryRun: true });
    const overrule = 'POST /api/conflicts/{id}/overrule';
    await ask(head, overrule, `/api/conflicts/${id}/overrule`, { take: { office: 'west' } });
    await ask(head, resolve, `/api/conflicts/${id}/resolve`, example(resolve));
    await ask(head, overrule, `/api/conflicts/${id}/overrule`, { take: { office: 'hq' } });
    expect((await ask(head, 'GET /api/conflicts', '/api/conflicts')).body.items[0]).toMatchObject({
      status: 'settled',
    });
  });

  it('is kept by the page of an office', async () => {
    await ask(west, 'GET /page', '/page');
    await ask(west, 'POST /page/sync', '/page/sync');
    await ask(head, 'POST /page/sync', '/page/sync');
  });

  it('is kept by the routes of the quarantine', async () => {
    const [list, show] = ['GET /api/quarantine', 'GET /api/quarantine/{event}'];
    const [retry, discard] = [`POST /api/quarantine/{event}/retry`, `POST /api/quarantine/{event}/discard`];
    const { event } = await poison(west.office.store, { id: newId(), type: 'SaleMelted', data: {} });
    const one = `/api/quarantine/${dotName(event)}`;
    await eventually(async () => {
      expect((await ask(west, 'GET /api/sync', '/api/sync')).body.quarantined).toMatchObject({ count: 1 });
    });
    expect((await ask(head, list, '/api/quarantine?status=quarantined')).body.items).toHaveLength(1);
    await ask(head, show, one);
    await ask(head, show, '/api/quarantine/1');
    await ask(head, show, '/api/quarantine/nobody@1:1');
    await ask(head, retry, `${one}/retry`);
    await ask(west, discard, `${one}/discard`, example(discard));
    await ask(head, discard, `${one}/discard`, {});
    await ask(head, discard, `${one}/discard`, example(discard));
    await ask(head, discard, `${one}/discard`, example(discard));
    expect((await ask(head, show, one)).body).toMatchObject({ status: 'discarded' });
  });

  it('is kept by the routes of projections', async () => {
    const one = '/api/projections/sales_by_day';
    const of = 'projections/{name}';
    const done = (path: string) =>
      eventually(async () => {
        const { body } = await ask(west, `GET /api/${of}`, path);
        expect(body).toMatchObject({ state: 'live', job: { phase: 'done' } });
      });
    await done(one);
    await ask(west, 'GET /api/projections', '/api/projections');
    await ask(west, `GET /api/${of}`, '/api/projections/nothing');
    await ask(west, `POST /api/${of}/rebuild`, `${one}/rebuild`, example(`POST /api/${of}/rebuild`));
    await done(one);
    await ask(west, `POST /api/${of}/verify`, `${one}/verify`);
    await done(one);
    await ask(west, `POST /api/${of}/verify`, `${one}/verify`, { maxLoad: 7 });
    const asOf = `POST /api/${of}/as-of`;
    await ask(west, asOf, `${one}/as-of`, { position: 1, into: 'first_day' });
    await done('/api/projections/first_day');
    await ask(west, asOf, `${one}/as-of`, { position: 1, into: 'first_day' });
    await ask(west, asOf, `${one}/as-of`, { position: 1e9, into: 'some_day' });
    await ask(west, asOf, `${one}/as-of`, { into: 'some_day' });
    const rows = await ask(west, `GET /api/${of}/rows`, '/api/projections/first_day/rows?limit=1');
    expect(rows.body).toMatchObject({
      items: [{ office: 'west', soldOn: '2026-04-01', count: 1 }],
      next: null,
    });
    await ask(west, `GET /api/${of}/rows`, `${one}/rows?after=x`);
    await ask(west, `POST /api/${of}/cancel`, `${one}/cancel`);
    await ask(west, `DELETE /api/${of}`, '/api/projections/first_day');
    await ask(west, `DELETE /api/${of}`, '/api/projections/sales');
  });

  it('holds for changes of datasets', async () => {
    const plan = 'POST /api/datasets/plan';
    expect((await ask(head, plan, '/api/datasets/plan', example(plan))).status).toBe(200);
    await ask(west, plan, '/api/datasets/plan', example(plan));
    const apply = 'POST /api/datasets/apply';
    await ask(head, apply, '/api/datasets/apply', { ...(example(apply) as object), expected: 7 });
    expect((await ask(head, apply, '/api/datasets/apply', example(apply))).status).toBe(200);
    await ask(head, apply, '/api/datasets/apply', { dataset: 'stock', changes: [{ kind: 'x' }] });
    await ask(head, 'GET /api/datasets/{name}', '/api/datasets/stock');
  });

  it('was held to every route', () => {
    expect([...seen].toSorted()).toEqual(allRoutes().toSorted());
  });
});
