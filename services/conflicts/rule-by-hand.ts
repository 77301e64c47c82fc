import { type Choice, overruleByHand, ruleByHand } from '../../domain/conflict/resolve-by-hand.ts';
import { byKey } from '../../domain/datasets/shown.ts';
import { DomainError } from '../../domain/errors.ts';
import { assertSameRequest, idempotencyName, keyedEventId } from '../../domain/office/event-id.ts';
import type { Office } from '../../mixins/office.ts';
import { ANONYMOUS, type Call } from '../call.ts';
import { datasetOf } from '../dataset/dataset-of.ts';
import { invalidParameters } from '../dataset/row-filter.ts';
import type { CaseView } from './case-view.ts';
import { findCase, showCase } from './find-cases.ts';
import { overruleCommand, resolveCommand } from './rule-automatically.ts';

export interface ResolveParams {
  readonly id: string;
  readonly take?: { readonly office: string; readonly epoch?: number };
  readonly values?: Readonly<Record<string, unknown>>;
  readonly note?: string;
}

const TAKE = {
  type: 'object',
  strict: true,
  optional: true,
  props: { office: 'string', epoch: { type: 'number', integer: true, min: 1, optional: true } },
  messages: { object: pasted('must be an object that names a side, {"office":"west"}') },
} as const;

export const TAKE_PARAMS = { take: TAKE, note: { type: 'string', optional: true } } as const;

export const RESOLVE_PARAMS = {
  id: 'string',
  ...TAKE_PARAMS,
  values: {
    type: 'object',
    optional: true,
    messages: {
      object: pasted('must be an object with a value for every field in dispute, {"cost":"12.95"}'),
    },
  },
} as const;

/** The validator pastes its messages into code that it makes, between double quotes. */
function pasted(message: string): string {
  return message.replaceAll('"', '\\"');
}

/** @throws DomainError `not-allowed`, `unknown-case`, `case-settled`, `invalid-parameters`, `invalid-input` */
export async function resolve(office: Office, ctx: Call<ResolveParams>): Promise<CaseView> {
  return rule(office, ctx, ruleByHand, resolveCommand);
}

/** @throws DomainError `not-allowed`, `unknown-case`, `case-open`, `case-settled`, `invalid-parameters`, `invalid-input` */
export async function overrule(office: Office, ctx: Call<ResolveParams>): Promise<CaseView> {
  return rule(office, ctx, overruleByHand, overruleCommand);
}

/** @throws DomainError `not-allowed` */
export function assertHead({ config: { office, role } }: Office): void {
  if (role !== 'head')
    throw new DomainError('not-allowed', 'Only the head rules on conflicts; ask there', { office });
}

async function rule(
  office: Office,
  ctx: Call<ResolveParams>,
  byHand: typeof ruleByHand,
  commandOf: typeof overruleCommand,
): Promise<CaseView> {
  assertHead(office);
  const given = choiceOf(ctx.params);
  const conflict = await findCase(office, ctx.params.id);
  if (await isRepetition(office, ctx)) return showCase(office, conflict.id);
  const dataset = datasetOf(office, conflict.dataset);
  const choice = 'values' in given ? { values: byKey(dataset, given.values) } : given;
  const { note } = ctx.params;
  const ruled = {
    ...byHand(conflict, dataset, choice),
    decision: 'manual',
    ...(note ? { note } : {}),
  } as const;
  const { actor = ANONYMOUS, idempotency } = ctx.meta;
  const command = commandOf(conflict, dataset, ruled);
  await office.ledger().submit({ command, actor, ...(idempotency === undefined ? {} : { idempotency }) });
  return showCase(office, conflict.id);
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
