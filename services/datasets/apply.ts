import { datasetAt } from '../../domain/datasets/evolution.ts';
import { type Evolution, readEvolution } from '../../domain/datasets/schema-change.ts';
import { assertInvariant, DomainError } from '../../domain/errors.ts';
import type { DomainEvent } from '../../domain/event.ts';
import { assertSameRequest, idempotencyName, keyedEventId } from '../../domain/office/event-id.ts';
import type { Office } from '../../mixins/office.ts';
import { ANONYMOUS, type Call, type CallMeta } from '../call.ts';
import {
  databasesFor,
  evolveCommand,
  made,
  nextOf,
  type Plan,
  planChange,
  type PlanParams,
  withWaiting,
} from './plan.ts';

/**
 * Makes a change of a dataset: every office takes it up when it reaches it. The answer is its plan, also to a request that
 * comes again under its key.
 * @throws DomainError as `planChange`; `dataset-changing` while the head's table is not ready, `idempotency-key-reused`
 */
export async function applyChange(office: Office, ctx: Call<PlanParams>): Promise<Plan> {
  const before = await writtenBefore(office, ctx.meta);
  if (before !== null) return replay(office, ctx, before);
  try {
    return await change(office, ctx);
  } catch (error) {
    const meanwhile = await writtenBefore(office, ctx.meta); // by the same request, which came twice at once
    if (meanwhile === null) throw error;
    return replay(office, ctx, meanwhile);
  }
}

/** The head's own table is made ready first: what it cannot hold it must not ask of others. */
async function change(office: Office, { params, meta }: Call<PlanParams>): Promise<Plan> {
  const { actor = ANONYMOUS, idempotency } = meta;
  const plan = await planChange(office, params);
  const command = evolveCommand(office, { ...params, expected: plan.from ?? 0 });
  const { dataset: next } = nextOf(office.datasets.named(plan.dataset), command.changes);
  const [notYet] = await office.store.prepareTables([next]);
  if (notYet !== undefined) {
    const message = `Nothing was changed: the head's own table of ${plan.dataset} is not ready: ${notYet.reason}`;
    throw new DomainError('dataset-changing', message, { dataset: plan.dataset });
  }
  const { replayed } = await office
    .ledger()
    .submit({ command, actor, ...(idempotency === undefined ? {} : { idempotency }) });
  if (replayed) meta.replayed = true;
  return plan;
}

/** The event of an earlier request with the same key. @throws DomainError `idempotency-key-reused` */
async function writtenBefore(office: Office, { idempotency }: CallMeta): Promise<DomainEvent | null> {
  if (idempotency === undefined) return null;
  const id = keyedEventId(office.ports, office.config.office, idempotency.key, idempotency.request);
  const [written] = await office.ledger().read.ownKeyed([idempotencyName(id)]);
  if (written === undefined) return null;
  assertSameRequest(written.event, id);
  return written.event;
}

/** As it was answered then, but for the offices that wait: those are told of as they are now. */
async function replay(office: Office, { meta }: Call<PlanParams>, { data }: DomainEvent): Promise<Plan> {
  const evolution = readEvolution(data);
  assertInvariant('changes' in evolution, 'what was written under the key is a change of a dataset');
  await office.datasets.learn(); // another node may have made it, and more since
  const { dataset, to, changes } = evolution;
  const from = to === 1 ? null : to - 1;
  meta.replayed = true;
  return withWaiting(office, {
    dataset,
    from,
    to,
    changes,
    databases: databasesThen(office, evolution, from),
  });
}

/** None when this office cannot tell any more: a declaration that has reached the version by itself has no earlier one. */
function databasesThen(
  office: Office,
  { dataset, changes }: Evolution,
  from: number | null,
): Plan['databases'] {
  const now = office.datasets.named(dataset);
  const known = now === null || from === null ? null : datasetAt(now, from);
  const next = (known?.version ?? null) === from ? made(known, changes) : null;
  return next === null ? [] : databasesFor(known, next);
}
