import type { ConflictCase } from '../../domain/conflict/case.ts';
import { BULK_POLICIES, type BulkPolicy } from '../../domain/conflict/policy.ts';
import { type ManualRuling, ruleByHand } from '../../domain/conflict/resolve-by-hand.ts';
import { ruleAllBy } from '../../domain/conflict/rule.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { DomainError, isTransient } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/event.ts';
import type { Office } from '../../mixins/office.ts';
import { ANONYMOUS, type Call, DEFAULT_PAGE, type Page, PAGE_PARAMS, pageOf } from '../call.ts';
import { datasetOf } from '../dataset/dataset-of.ts';
import { shownValues } from '../dataset/entity-view.ts';
import { invalidParameters } from '../dataset/row-filter.ts';
import { problemOf } from '../problem.ts';
import { caseFilter, FILTER_PARAMS, type FilterParams } from './find-cases.ts';
import { resolveCommand } from './rule-automatically.ts';
import { assertHead, type ResolveParams, TAKE_PARAMS } from './rule-by-hand.ts';

export interface BulkParams extends FilterParams, Pick<ResolveParams, 'take' | 'note'> {
  readonly by?: BulkPolicy;
  readonly dryRun?: boolean;
  readonly after?: string;
  readonly limit?: number;
}

export const BULK_PARAMS = {
  ...PAGE_PARAMS,
  ...FILTER_PARAMS,
  ...TAKE_PARAMS,
  by: { type: 'enum', values: [...BULK_POLICIES], optional: true },
  dryRun: { type: 'boolean', optional: true },
} as const;

/** What became of one of many conflicts. */
export interface BulkOutcome {
  readonly id: string;
  readonly dataset: string;
  readonly office: string;
  readonly entityId: string;
  /** `resolved`; `would-resolve` when nothing was to be changed; `refused` for the reason given. */
  readonly outcome: 'resolved' | 'would-resolve' | 'refused';
  /** That stand, or would. */
  readonly values: Readonly<Record<string, JsonValue>>;
  readonly reason: string | null;
}

/** Rulings under way at a time: enough to fill a group commit. */
const AT_ONCE = 50;

/**
 * Rules on one page of the open conflicts that fit, each by a ruling of its own; one that cannot be ruled on so does not
 * hurt the others.
 * @throws DomainError `not-allowed`, `invalid-parameters`
 */
export async function resolveAll(office: Office, ctx: Call<BulkParams>): Promise<Page<BulkOutcome, string>> {
  assertHead(office);
  const { limit = DEFAULT_PAGE, after } = ctx.params;
  const judge = judgeFor(office, ctx.params);
  const query = {
    ...caseFilter(office, ctx.params),
    status: 'open',
    ...(after === undefined ? {} : { after }),
  } as const;
  const { items, next } = pageOf(
    await office.ledger().read.cases({ ...query, limit: limit + 1 }),
    limit,
    ({ id }) => id,
  );
  const outcomes: BulkOutcome[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    outcomes.push(...(await Promise.all(some.map((one) => resolveOne(office, ctx, one, judge)))));
  }
  return { items: outcomes, next };
}

type Judge = (conflict: ConflictCase, dataset: Dataset) => ManualRuling;

function judgeFor(office: Office, { by, take }: BulkParams): Judge {
  if (take !== undefined && by === undefined)
    return (conflict, dataset) => ruleByHand(conflict, dataset, { take });
  if (by !== undefined && take === undefined)
    return (conflict, dataset) => byPolicy(by, conflict, dataset, office.config.office);
  throw invalidParameters([
    {
      field: 'by',
      reason: `or take must be given, and not both: {"by":"latest"} or {"take":{"office":"west"}}`,
    },
  ]);
}

function byPolicy(by: BulkPolicy, conflict: ConflictCase, dataset: Dataset, head: string): ManualRuling {
  const { writes, policies, undecided } = ruleAllBy(by, conflict, dataset, head);
  if (undecided.length === 0) return { writes, policies };
  const message = `${by} does not decide about ${undecided.join(', ')}`;
  throw new DomainError('invalid-input', message, { caseId: conflict.id, fields: undecided });
}

async function resolveOne(
  office: Office,
  { params: { dryRun, note }, meta: { actor = ANONYMOUS } }: Call<BulkParams>,
  conflict: ConflictCase,
  judge: Judge,
): Promise<BulkOutcome> {
  const { id, dataset: name, scope, entityId } = conflict;
  const about = { id, dataset: name, office: scope, entityId };
  try {
    const dataset = datasetOf(office, name);
    const ruling = judge(conflict, dataset);
    const ruled = { ...ruling, decision: 'manual', ...(note ? { note } : {}) } as const;
    if (dryRun !== true)
      await office.ledger().submit({ command: resolveCommand(conflict, dataset, ruled), actor });
    const outcome = dryRun === true ? 'would-resolve' : 'resolved';
    return { ...about, outcome, values: shownValues(dataset, ruling.writes), reason: null };
  } catch (error) {
    if (isTransient(error)) throw error; // then all of it can be asked for again: what is settled is not ruled on twice
    return { ...about, outcome: 'refused', values: {}, reason: problemOf(error).detail };
  }
}
