import type { Context, ServiceBroker, ServiceSchema } from 'moleculer';
import type { ConflictCase } from '../domain/conflict/case.ts';
import { type Choice, overruleByHand, ruleByHand } from '../domain/conflict/resolve-by-hand.ts';
import { DomainError } from '../domain/errors.ts';
import { assertSameRequest, idempotencyName, keyedEventId } from '../domain/office/event-id.ts';
import type { Office } from '../mixins/office.ts';
import type { CaseQuery } from '../mixins/store/store.ts';
import { ANONYMOUS, type Call, DEFAULT_PAGE, type Page, PAGE_PARAMS, pageOf } from './call.ts';
import { type CaseView, viewCase } from './conflicts/case-view.ts';
import { Resolver } from './conflicts/resolver.ts';
import { overruleCommand, resolveCommand } from './conflicts/rule-automatically.ts';
import { datasetOf } from './dataset/dataset-of.ts';
import { invalidParameters } from './dataset/row-filter.ts';

interface ListParams {
  readonly status?: 'open' | 'settled';
  readonly office?: string;
  readonly dataset?: string;
  readonly after?: string;
  readonly limit?: number;
  readonly count?: boolean;
}

interface ResolveParams {
  readonly id: string;
  readonly take?: { readonly office: string; readonly epoch?: number };
  readonly values?: Readonly<Record<string, unknown>>;
  readonly note?: string;
}

const CHANGED = 'conflicts.changed';

/** Conflicts: every office shows them; the head rules, by policy at once and by hand when asked. */
export function conflictsService(office: Office): ServiceSchema {
  let resolver: Resolver | null = null;
  return {
    name: 'conflicts',
    actions: {
      list: {
        params: { $$strict: true, ...LIST_PARAMS },
        handler: (ctx: Call<ListParams>) => list(office, ctx.params),
      },
      get: {
        params: { $$strict: true, id: 'string' },
        handler: async (ctx: Call<{ id: string }>) =>
          viewCase(office.datasets, await findCase(office, ctx.params.id)),
      },
      resolve: {
        params: { $$strict: true, ...RESOLVE_PARAMS },
        handler: (ctx: Call<ResolveParams>) => resolve(office, ctx),
      },
      overrule: {
        params: { $$strict: true, ...RESOLVE_PARAMS },
        handler: (ctx: Call<ResolveParams>) => overrule(office, ctx),
      },
    },
    events: {
      /** Emitted, not broadcast: of several nodes one looks. */
      async [CHANGED](ctx: Context<{ cases: string[] }>) {
        await resolver?.look(ctx.params.cases);
      },
    },
    started(this: { broker: ServiceBroker }) {
      if (office.config.role !== 'head' || office.looksOnly) return;
      resolver = new Resolver(office, this.broker.getLogger('resolver'));
      office.onOpened(() => void resolver?.sweep());
      office.onCommitted(({ cases }) => {
        if (cases.length > 0) void this.broker.emit(CHANGED, { cases });
      });
    },
    stopped() {
      resolver?.stop();
    },
  };
}

const LIST_PARAMS = {
  ...PAGE_PARAMS,
  status: { type: 'enum', values: ['open', 'settled'], optional: true },
  office: { type: 'string', optional: true },
  dataset: { type: 'string', optional: true },
  after: { type: 'uuid', optional: true, messages: { uuid: 'is not the `next` of a page before' } },
  count: { type: 'boolean', convert: true, optional: true },
} as const;

const RESOLVE_PARAMS = {
  id: 'string',
  take: {
    type: 'object',
    strict: true,
    optional: true,
    props: { office: 'string', epoch: { type: 'number', integer: true, min: 1, optional: true } },
    messages: { object: pasted('must be an object that names a side, {"office":"west"}') },
  },
  values: {
    type: 'object',
    optional: true,
    messages: {
      object: pasted('must be an object with a value for every field in dispute, {"cost":"12.95"}'),
    },
  },
  note: { type: 'string', optional: true },
} as const;

/** The validator pastes its messages into code that it makes, between double quotes. */
function pasted(message: string): string {
  return message.replaceAll('"', '\\"');
}

async function list(
  office: Office,
  params: ListParams,
): Promise<Page<CaseView, string> & { total?: number }> {
  const { limit = DEFAULT_PAGE, office: scope, count, ...asked } = params;
  const query: CaseQuery = { ...asked, ...(scope === undefined ? {} : { scope }), limit: limit + 1 };
  const { read } = office.ledger();
  const [found, total] = await Promise.all([
    read.cases(query),
    count === true ? read.countCases(query) : null,
  ]);
  const { items, next } = pageOf(found, limit, ({ id }) => id);
  return {
    items: items.map((one) => viewCase(office.datasets, one)),
    next,
    ...(total === null ? {} : { total }),
  };
}

async function findCase(office: Office, id: string): Promise<ConflictCase> {
  const conflict = await office.ledger().read.case(id);
  if (conflict !== null) return conflict;
  throw new DomainError('unknown-case', `There is no conflict "${id}"`, { caseId: id });
}

/** @throws DomainError `not-allowed`, `unknown-case`, `case-settled`, `invalid-parameters`, `invalid-input` */
async function resolve(office: Office, ctx: Call<ResolveParams>): Promise<CaseView> {
  return rule(office, ctx, ruleByHand, (conflict, dataset, ruled) =>
    resolveCommand(conflict, dataset, ruled),
  );
}

/** @throws DomainError `not-allowed`, `unknown-case`, `case-open`, `case-settled`, `invalid-parameters`, `invalid-input` */
async function overrule(office: Office, ctx: Call<ResolveParams>): Promise<CaseView> {
  return rule(office, ctx, overruleByHand, overruleCommand);
}

async function rule(
  office: Office,
  ctx: Call<ResolveParams>,
  byHand: typeof ruleByHand,
  commandOf: typeof overruleCommand,
): Promise<CaseView> {
  if (office.config.role !== 'head') {
    throw new DomainError('not-allowed', 'Only the head rules on conflicts; ask there', {
      office: office.config.office,
    });
  }
  const choice = choiceOf(ctx.params);
  const conflict = await findCase(office, ctx.params.id);
  if (await isRepetition(office, ctx)) return viewCase(office.datasets, conflict);
  const dataset = datasetOf(office, conflict.dataset);
  const { note } = ctx.params;
  const ruled = {
    ...byHand(conflict, dataset, choice),
    decision: 'manual',
    ...(note ? { note } : {}),
  } as const;
  const { actor = ANONYMOUS, idempotency } = ctx.meta;
  const command = commandOf(conflict, dataset, ruled);
  await office.ledger().submit({ command, actor, ...(idempotency === undefined ? {} : { idempotency }) });
  return viewCase(office.datasets, await findCase(office, conflict.id));
}

function choiceOf({ take, values }: ResolveParams): Choice {
  if (take !== undefined && values === undefined) return { take };
  if (values !== undefined && take === undefined) return { values };
  throw invalidParameters([
    {
      field: 'take',
      reason:
        'or values must be given, and not both: {"take":{"office":"west"}} or {"values":{"cost":"12.95"}}',
    },
  ]);
}

/**
 * A settled case takes no ruling; but who settled it, asking again, gets the first answer.
 * @throws DomainError `idempotency-key-reused`
 */
async function isRepetition(office: Office, ctx: Call): Promise<boolean> {
  const { idempotency } = ctx.meta;
  if (idempotency === undefined) return false;
  const eventId = keyedEventId(office.ports, office.config.office, idempotency.key, idempotency.request);
  const { read } = office.ledger();
  const [known] = await read.ownKeyed([idempotencyName(eventId)]);
  if (known === undefined) return false;
  assertSameRequest(known.event, eventId);
  ctx.meta.replayed = true;
  return true;
}
