import type { Dataset } from '../../domain/datasets/dataset.ts';

/** What the gateway does around one action. */
export interface Rest {
  readonly action: string;
  /** Whether the request has a JSON body. None unless told; a body that nobody reads is refused. */
  readonly body?: 'required' | 'optional';
  /** Query parameters taken beside a body. Without a body the action's own parameters decide. */
  readonly query?: readonly string[];
  /** Whether an Idempotency-Key is heeded. */
  readonly idempotent?: boolean;
  /** 200 unless told. */
  readonly status?: (data: unknown) => number;
  /** Of what was created. */
  readonly location?: (data: unknown) => string;
}

/** `METHOD /path` -> what happens. */
export type RouteTable = Readonly<Record<string, Rest>>;

const created = () => 201;
const segment = (data: unknown, name: string) =>
  encodeURIComponent(String((data as Record<string, unknown>)[name]));

/** Every route of an office. */
export function routeTable(datasets: readonly Dataset[]): RouteTable {
  return Object.assign({}, OFFICE_ROUTES, ...datasets.map(datasetRoutes)) as RouteTable;
}

function datasetRoutes({ name }: Dataset): RouteTable {
  const path = `/api/${name}`;
  const write = { query: ['office'], idempotent: true } as const;
  const location = (data: unknown) => `${path}/${segment(data, 'id')}`;
  return {
    [`GET ${path}`]: { action: `${name}.list` },
    [`POST ${path}`]: { action: `${name}.record`, body: 'required', ...write, status: created, location },
    [`POST ${path}/import`]: { action: `${name}.import`, body: 'required' },
    [`GET ${path}/:id`]: { action: `${name}.get` },
    [`PATCH ${path}/:id`]: { action: `${name}.amend`, body: 'required', ...write },
    [`DELETE ${path}/:id`]: { action: `${name}.void`, body: 'optional', ...write },
    [`POST ${path}/:id/restore`]: { action: `${name}.restore`, body: 'optional', ...write },
    [`GET ${path}/:id/history`]: { action: `${name}.history` },
  };
}

const OFFICE_ROUTES: RouteTable = {
  'GET /': { action: 'gateway.index' },
  'GET /openapi.json': { action: 'gateway.openapi' },
  'GET /health/live': { action: 'health.live' },
  'GET /health/ready': {
    action: 'health.ready',
    status: (data) => ((data as { ready: boolean }).ready ? 200 : 503),
  },
  'GET /api/sync': { action: 'sync.status' },
  'POST /api/sync': { action: 'sync.now', body: 'optional' },
  'POST /api/sync/pause': { action: 'sync.pause', body: 'optional' },
  'POST /api/sync/resume': { action: 'sync.resume', body: 'optional' },
  'GET /api/offices': { action: 'offices.list' },
  'POST /api/offices': {
    action: 'offices.add',
    body: 'required',
    status: created,
    location: (data) => `/api/offices/${segment(data, 'id')}`,
  },
  'GET /api/offices/:id': { action: 'offices.get' },
  'DELETE /api/offices/:id': { action: 'offices.retire', body: 'optional' },
  'GET /api/conflicts': { action: 'conflicts.list' },
  'GET /api/conflicts/:id': { action: 'conflicts.get' },
  'POST /api/conflicts/:id/resolve': { action: 'conflicts.resolve', body: 'required', idempotent: true },
  'GET /api/events': { action: 'log.read' },
  'GET /api/events/waiting': { action: 'log.waiting' },
  'GET /api/digest': { action: 'digest.get' },
};
