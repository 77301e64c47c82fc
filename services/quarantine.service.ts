import type { ServiceSchema } from 'moleculer';
import { DomainError } from '../domain/errors.ts';
import { dotNamed, dotOf } from '../domain/event.ts';
import { assertWaits, discardKeyOf } from '../domain/office/discard.ts';
import type { Office } from '../mixins/office.ts';
import type { EventRow, WaitingRow } from '../mixins/store/store.ts';
import { ANONYMOUS, type Call, PAGE_PARAMS } from './call.ts';
import { type QuarantineView, viewQuarantined } from './quarantine/quarantine-view.ts';
import { waitingPage } from './waiting-page.ts';

interface ListParams {
  readonly after?: number;
  readonly limit?: number;
  readonly status?: WaitingRow['status'];
}

interface EventParams {
  /** Its name, `west@1:7`, or its position here. */
  readonly event: string;
}

interface DiscardParams extends EventParams {
  readonly why: string;
}

/** Events that are kept and not applied: every office shows its own and judges them again; the head discards. */
export function quarantineService(office: Office): ServiceSchema {
  return {
    name: 'quarantine',
    actions: {
      list: {
        params: { $$strict: true, ...LIST_PARAMS },
        handler: (ctx: Call<ListParams>) => waitingPage(office.ledger().read, ctx.params),
      },
      get: {
        params: { $$strict: true, event: EVENT },
        handler: (ctx: Call<EventParams>) => show(office, ctx.params.event),
      },
      retry: {
        params: { $$strict: true, event: EVENT },
        handler: (ctx: Call<EventParams>) => retry(office, ctx.params.event),
      },
      discard: {
        params: { $$strict: true, event: EVENT, why: { type: 'string', min: 1, max: 500 } },
        handler: (ctx: Call<DiscardParams>) => discard(office, ctx),
      },
    },
  };
}

const LIST_PARAMS = {
  ...PAGE_PARAMS,
  after: {
    type: 'number',
    integer: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    convert: true,
    optional: true,
  },
  status: { type: 'enum', values: ['parked', 'quarantined'], optional: true },
} as const;

const EVENT = {
  type: 'string',
  pattern: /^(\d{1,15}|[a-z][a-z0-9-]{1,31}@[1-9]\d{0,15}:[1-9]\d{0,15})$/,
  messages: { stringPattern: 'must be the name of an event, west@1:7, or its position' },
} as const;

async function show(office: Office, event: string): Promise<QuarantineView> {
  const row = await find(office, event);
  if (row.status === 'applied') assertWaits(event, row.status);
  return viewQuarantined(office.ledger().read, row);
}

async function retry(office: Office, event: string): Promise<QuarantineView> {
  const { event: held } = await find(office, event);
  const judged = await office.ledger().judgeAgain(dotOf(held));
  return viewQuarantined(office.ledger().read, judged);
}

async function discard(office: Office, ctx: Call<DiscardParams>): Promise<QuarantineView> {
  const { office: own, role } = office.config;
  if (role !== 'head')
    throw new DomainError('only-at-the-head', 'Only the head discards events; ask there', { office: own });
  const { why } = ctx.params;
  const { event, position } = await find(office, ctx.params.event);
  const { actor = ANONYMOUS, idempotency } = ctx.meta;
  const command = { type: 'discard-event', ...discardKeyOf(event, own), event: dotOf(event), why } as const;
  const { replayed } = await office
    .ledger()
    .submit({ command, actor, ...(idempotency === undefined ? {} : { idempotency }) });
  if (replayed) ctx.meta.replayed = true;
  return show(office, String(position));
}

/** @throws DomainError `unknown-event` */
async function find(office: Office, event: string): Promise<EventRow> {
  const { read } = office.ledger();
  const dot = dotNamed(event);
  const row = dot === null ? await read.eventAt(Number(event)) : (await read.eventsByDots([dot]))[0];
  if (row !== undefined && row !== null) return row;
  throw new DomainError('unknown-event', `This office holds no event ${event}`, { event });
}
