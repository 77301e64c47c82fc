import type { Dataset } from '../../domain/datasets/dataset.ts';
import { PROGRAM } from '../../mixins/program.ts';
import { problemsOfStatus } from '../problem.ts';
import { answerSchemas } from './answers.ts';
import {
  exampleOf,
  isRequired,
  type Params,
  type Schema,
  schemaOfFields,
  schemaOfParams,
  schemaOfRule,
} from './json-schema.ts';
import type { Rest, RouteTable } from './rest.ts';

export interface Described {
  readonly title: string;
  /** As clients know them: see `shownDataset`. */
  readonly datasets: readonly Dataset[];
  readonly table: RouteTable;
  /** What checks the parameters of an action also describes them. */
  readonly paramsOf: (action: string) => Params;
}

const PROBLEM_STATUSES = [400, 403, 404, 405, 409, 413, 415, 422, 503, 504];

const PARAMETERS: Readonly<Record<string, string>> = {
  after: 'The `next` of the page before.',
  limit: 'Items on a page; 100 unless told.',
  count: 'Whether to add `total`: how many there are on all pages.',
  office: 'Whose it is. Needed at the head only, where several offices may use one id.',
  deleted: 'Whether voided ones are shown; `without` unless told.',
  conflicted: 'Only those with an open conflict, or only those without.',
  author: 'Only events that this office wrote.',
  scope:
    'An office id, or `shared`. For a digest this office’s own unless told, also at the head; `shared` where a dataset belongs to all.',
  deadlineMs: 'How long the sync may take; a minute unless told.',
  patienceMs:
    'How long to wait for a head or a broker that does not answer: as long as `deadlineMs`, if that is given, else 10 s.',
  status: 'Only those that stand so.',
};

const EVOLUTION = {
  dataset: 'stock',
  changes: [
    { kind: 'add-field', field: 'supplier', type: { kind: 'text', maxLength: 100 }, default: 'unknown' },
    { kind: 'rename-field', field: 'shelf', to: 'place' },
  ],
};
const EXAMPLES: Readonly<Record<string, object>> = {
  'conflicts.overrule': { take: { office: 'west' }, note: 'East had the older price list' },
  'conflicts.resolve': { take: { office: 'west' }, note: 'West asked the customer' },
  'quarantine.discard': { why: 'Written by a program that was withdrawn; sold again as sale 4711' },
  'projections.asOf': { time: '2026-04-01', into: 'sales_by_day_in_april' },
  'projections.rebuild': { maxLoad: 0.5 },
  'datasets.plan': EVOLUTION,
  'datasets.apply': EVOLUTION,
  'offices.add': { id: 'east', name: 'East branch' },
  'sync.now': { deadlineMs: 30_000 },
};

/** A description of the routes for programs (OpenAPI 3.1), made from what declares and checks them. */
export function openApi(described: Described): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [route, rest] of Object.entries(described.table)) {
    const [method = '', path = ''] = route.split(' ');
    const template = path.replace(/:(\w+)/g, '{$1}');
    (paths[template] ??= {})[method.toLowerCase()] = operation(template, rest, described);
  }
  const responses = PROBLEM_STATUSES.map((status) => [`Problem${status}`, problemResponse(status)]);
  return {
    openapi: '3.1.0',
    info: { title: `Branchline: ${described.title}`, version: PROGRAM },
    paths,
    components: {
      schemas: answerSchemas(described.datasets),
      responses: Object.fromEntries(responses) as object,
    },
  };
}

function operation(path: string, rest: Rest, { datasets, paramsOf }: Described): object {
  const params = paramsOf(rest.action);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const dataset = datasets.find(({ name }) => rest.action.startsWith(`${name}.`));
  const isList = dataset !== undefined && rest.action === `${dataset.name}.list`;
  const asked = isList
    ? [...Object.keys({ ...dataset.fields, ...dataset.computed }), ...namesIn(params)]
    : namesIn(params);
  const inQuery = rest.body === undefined ? asked.filter((name) => !inPath.includes(name)) : rest.query;
  return {
    operationId: rest.action,
    summary: rest.summary,
    parameters: [
      ...inPath.map((name) => parameter(name, 'path', { ...ruleOf(params, name), optional: false })),
      ...(inQuery ?? []).map((name) => parameter(name, 'query', queryRule(params, name, dataset))),
      ...(rest.idempotent === true ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(rest.body === undefined ? {} : { requestBody: requestBody(rest, dataset, params, inPath) }),
    responses: responsesOf(rest, inPath.length > 0),
  };
}

function namesIn(params: Params): string[] {
  return Object.keys(params).filter((name) => !name.startsWith('$$'));
}

function ruleOf(params: Params, name: string): object {
  const rule = params[name];
  return typeof rule === 'object' && rule !== null ? rule : { type: rule ?? 'string' };
}

/** A field is asked for by its value, as text. */
function queryRule(params: Params, name: string, dataset: Dataset | undefined): object {
  const type = dataset?.fields[name] ?? dataset?.computed[name]?.type;
  if (type === undefined) return ruleOf(params, name);
  return {
    type: 'string',
    optional: true,
    doc: { description: 'Only those with this value.', examples: [String(exampleOf(type))] },
  };
}

function parameter(name: string, place: 'path' | 'query', rule: object): object {
  const description = place === 'query' ? PARAMETERS[name] : undefined;
  return {
    name,
    in: place,
    required: isRequired(rule),
    ...(description === undefined ? {} : { description }),
    schema: schemaOfRule(rule),
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Lets the request be repeated: the first answer comes again, for as long as the log is kept. With another request it is refused.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e][\\x20-\\x7e]{0,254}$' },
};

function requestBody(
  rest: Rest,
  dataset: Dataset | undefined,
  params: Params,
  inPath: readonly string[],
): object {
  const schema = bodySchema(rest, dataset, params, inPath);
  const example = exampleFor(rest.action, dataset);
  return {
    required: rest.body === 'required',
    content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } },
  };
}

function bodySchema(
  { action }: Rest,
  dataset: Dataset | undefined,
  params: Params,
  inPath: readonly string[],
): Schema {
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => !inPath.includes(name)));
  const taken = schemaOfParams(own);
  if (dataset === undefined || !/\.(record|amend)$/.test(action)) return taken;
  const fields = schemaOfFields(dataset, action.endsWith('.amend'));
  return {
    ...fields,
    properties: { ...(taken['properties'] as object), ...(fields['properties'] as object) },
  };
}

function exampleFor(action: string, dataset: Dataset | undefined): object | undefined {
  if (dataset === undefined) return EXAMPLES[action];
  const entries = Object.entries(dataset.fields).map(([name, field]) => [name, exampleOf(field)]);
  if (action.endsWith('.record')) return Object.fromEntries(entries) as object;
  if (action.endsWith('.amend')) return Object.fromEntries(entries.slice(-1)) as object;
  return action.endsWith('.void') ? { reason: 'typed twice' } : undefined;
}

const SEE_OTHER = 303;

function responsesOf(rest: Rest, hasPath: boolean): object {
  const { answer, status, refusals = [], body } = rest;
  const form = [400, 503, ...(hasPath ? [404] : []), ...(body === undefined ? [] : [413, 415])];
  const problems = [...new Set([...form, ...refusals])].sort((a, b) => a - b);
  const schema = { $ref: `#/components/schemas/${answer}` };
  const type = rest.isPage === true ? 'text/html' : 'application/json';
  const code = status?.({ ready: true }) ?? 200;
  const content = code === SEE_OTHER ? {} : { content: { [type]: { schema } } };
  const done = { description: 'Done', ...headersOf(rest), ...content };
  const refused = problems.map((one) => [String(one), { $ref: `#/components/responses/Problem${one}` }]);
  return {
    ...(Object.fromEntries(refused) as object),
    [String(code)]: done,
    ...(answer === 'Ready' ? { 503: { ...done, description: 'Not ready' } } : {}),
    default: { description: 'Any other problem', content: PROBLEM_CONTENT },
  };
}

function headersOf({ location, idempotent }: Rest): object {
  const text = (description: string) => ({ description, schema: { type: 'string' } });
  const headers = {
    ...(location === undefined ? {} : { Location: text('Where it is.') }),
    ...(idempotent === true
      ? { 'Idempotency-Replayed': text('`true` when this is the answer to an earlier, identical request.') }
      : {}),
  };
  return Object.keys(headers).length === 0 ? {} : { headers };
}

const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

function problemResponse(status: number): object {
  const types = problemsOfStatus(status).map((type) => `\`${type}\``);
  const header = { 405: ['Allow', 'The methods that it takes.'], 503: ['Retry-After', 'Seconds.'] }[status];
  return {
    description: `A problem: ${types.join(', ')}`,
    ...(header === undefined
      ? {}
      : { headers: { [header[0]!]: { description: header[1], schema: { type: 'string' } } } }),
    content: PROBLEM_CONTENT,
  };
}
