import type { Dataset } from '../../domain/datasets/dataset.ts';
import { CONFLICT_ROUTES } from './conflict-routes.ts';
import { DATASET_ROUTES } from './dataset-routes.ts';
import type { RouteTable } from './rest.ts';

const created = () => 201;
const accepted = () => 202;
const segment = (data: unknown, name: string) =>
  encodeURIComponent(String((data as Record<string, unknown>)[name]));

/** Every route of an office. */
export function routeTable(datasets: readonly Dataset[]): RouteTable {
  return Object.assign({}, OFFICE_ROUTES, ...datasets.map(datasetRoutes)) as RouteTable;
}

function datasetRoutes({ name }: Dataset): RouteTable {
  const path = `/api/${name}`;
  const write = { query: ['office'], idempotent: true, answer: name, refusals: [403, 409, 422] } as const;
  const location = (data: unknown) => `${path}/${segment(data, 'id')}`;
  return {
    [`GET ${path}`]: { action: `${name}.list`, summary: 'List, page by page', answer: `${name}Page` },
    [`POST ${path}`]: {
      action: `${name}.record`,
      summary: 'Record a new one',
      body: 'required',
      ...write,
      status: created,
      location,
    },
    [`POST ${path}/import`]: {
      action: `${name}.import`,
      summary: 'Record many at once, each for itself; those that were imported before are passed over',
      body: 'required',
      answer: 'ImportResult',
      refusals: [403, 422],
    },
    [`GET ${path}/:id`]: { action: `${name}.get`, summary: 'Show one', answer: name, refusals: [409] },
    [`PATCH ${path}/:id`]: {
      action: `${name}.amend`,
      summary: 'Change some of its fields',
      body: 'required',
      ...write,
    },
    [`DELETE ${path}/:id`]: {
      action: `${name}.void`,
      summary: 'Void it; it stays, marked with deletedAt',
      body: 'optional',
      ...write,
    },
    [`POST ${path}/:id/restore`]: {
      action: `${name}.restore`,
      summary: 'Undo that it was voided',
      body: 'optional',
      ...write,
    },
    [`GET ${path}/:id/history`]: {
      action: `${name}.history`,
      summary: 'Every event of it known here',
      answer: 'EventPage',
      refusals: [409],
    },
  };
}

const HEAD_ONLY = [404];
const BRANCH_ONLY = [404, 409];

const OFFICE_ROUTES: RouteTable = {
  'GET /': { action: 'gateway.index', summary: 'Who this is, and its routes', answer: 'Index' },
  'GET /page': {
    action: 'page.show',
    summary: 'How it stands, as a page for people',
    answer: 'Page',
    isPage: true,
  },
  'POST /page/sync': {
    action: 'page.sync',
    summary: 'The button of the page: sync, for a while, and show the page again',
    body: 'optional',
    answer: 'Page',
    isPage: true,
    refusals: BRANCH_ONLY,
    status: () => 303,
    location: () => '/page',
  },
  'GET /openapi.json': { action: 'gateway.openapi', summary: 'This description', answer: 'Description' },
  'GET /health/live': { action: 'health.live', summary: 'Whether the process answers', answer: 'Live' },
  'GET /health/ready': {
    action: 'health.ready',
    summary: 'Whether it can do its work, which takes its database and nothing else',
    answer: 'Ready',
    status: (data) => ((data as { ready: boolean }).ready ? 200 : 503),
  },
  'GET /api/sync': { action: 'sync.status', summary: 'How the link stands', answer: 'SyncStatus' },
  'POST /api/sync': {
    action: 'sync.now',
    summary: 'Drain both ways now, and answer when it is done or cannot be',
    body: 'optional',
    answer: 'SyncStatus',
    refusals: BRANCH_ONLY,
  },
  'POST /api/sync/claim': {
    action: 'sync.claim',
    summary: 'Make this fenced copy the office, if the other one does not answer the head',
    body: 'optional',
    answer: 'SyncStatus',
    refusals: BRANCH_ONLY,
  },
  'POST /api/sync/pause': {
    action: 'sync.pause',
    summary: 'Stop syncing, also over a restart',
    body: 'optional',
    answer: 'SyncStatus',
    refusals: BRANCH_ONLY,
  },
  'POST /api/sync/resume': {
    action: 'sync.resume',
    summary: 'Sync again',
    body: 'optional',
    answer: 'SyncStatus',
    refusals: BRANCH_ONLY,
  },
  'GET /api/offices': {
    action: 'offices.list',
    summary: 'The offices that the head knows',
    answer: 'OfficePage',
    refusals: HEAD_ONLY,
  },
  'POST /api/offices': {
    action: 'offices.add',
    summary: 'Add a branch, at the head',
    body: 'required',
    answer: 'Office',
    refusals: [404, 409],
    status: created,
    location: (data) => `/api/offices/${segment(data, 'id')}`,
  },
  'GET /api/offices/:id': { action: 'offices.get', summary: 'Show one', answer: 'Office' },
  'DELETE /api/offices/:id': {
    action: 'offices.retire',
    summary: 'Retire a branch; what it wrote stays',
    body: 'optional',
    answer: 'Office',
  },
  ...DATASET_ROUTES,
  ...CONFLICT_ROUTES,
  'GET /api/events': {
    action: 'log.read',
    summary: 'The log of this office, in the order in which it was accepted here',
    answer: 'EventPage',
  },
  'GET /api/events/verify': {
    action: 'log.verify',
    summary:
      'Whether a log is as it was written: events of one author, after a seq, held against the hash chain',
    answer: 'VerifiedRun',
    refusals: [404],
  },
  'GET /api/events/waiting': {
    action: 'log.waiting',
    summary: 'Events that are parked or quarantined, and why',
    answer: 'WaitingPage',
  },
  'GET /api/quarantine': {
    action: 'quarantine.list',
    summary: 'Events that are kept here and not applied, and why, page by page',
    answer: 'WaitingPage',
  },
  'GET /api/quarantine/:event': {
    action: 'quarantine.get',
    summary: 'One of them, or one that is discarded: what it says, what it waits for, what waits for it',
    answer: 'QuarantinedEvent',
    refusals: [409],
  },
  'POST /api/quarantine/:event/retry': {
    action: 'quarantine.retry',
    summary: 'Judge it once more, and tell how it stands then',
    body: 'optional',
    answer: 'QuarantinedEvent',
    refusals: [409],
  },
  'POST /api/quarantine/:event/discard': {
    action: 'quarantine.discard',
    summary: 'Set it aside for good, at the head: it stays in the log and is applied nowhere',
    body: 'required',
    idempotent: true,
    answer: 'QuarantinedEvent',
    refusals: [409, 422],
  },
  'GET /api/projections': {
    action: 'projections.list',
    summary: 'What is folded from the log: how far each table is, and what is being done with it',
    answer: 'ProjectionPage',
  },
  'GET /api/projections/:name': {
    action: 'projections.get',
    summary: 'How one stands',
    answer: 'Projection',
  },
  'GET /api/projections/:name/rows': {
    action: 'projections.rows',
    summary: 'Its lines in the order of their keys, page by page',
    answer: 'LinePage',
    refusals: [409],
  },
  'POST /api/projections/:name/rebuild': {
    action: 'projections.rebuild',
    summary: 'Fold it anew from the log; the table that is there serves until the new one takes its place',
    body: 'optional',
    answer: 'Projection',
    refusals: [403, 409],
    status: accepted,
  },
  'POST /api/projections/:name/verify': {
    action: 'projections.verify',
    summary:
      'Compare it with a fresh fold of the log; `difference` of its job names the first line that differs',
    body: 'optional',
    answer: 'Projection',
    refusals: [403, 409],
    status: accepted,
  },
  'POST /api/projections/:name/as-of': {
    action: 'projections.asOf',
    summary:
      'Make a table of what this office knew at a position of its log, or of what was written until a time',
    body: 'required',
    answer: 'Projection',
    refusals: [409, 422],
    status: accepted,
  },
  'POST /api/projections/:name/cancel': {
    action: 'projections.cancel',
    summary: 'Give up what is being done with it',
    body: 'optional',
    answer: 'Projection',
  },
  'DELETE /api/projections/:name': {
    action: 'projections.drop',
    summary: 'Drop its table',
    body: 'optional',
    answer: 'Dropped',
    refusals: [403, 409],
  },
  'GET /api/digest': {
    action: 'digest.get',
    summary:
      'Equal digests mean equal events and equal state. Of this office’s own sales unless dataset and scope are given',
    answer: 'Digest',
    refusals: [404],
  },
};
