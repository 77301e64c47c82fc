import { changePolicies, onePolicyForAll, policyNames } from '../../domain/conflict/change-policies.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import {
  addTrials,
  NO_TRIALS,
  sumOf,
  type Trial,
  type TrialSum,
  tryOn,
} from '../../domain/conflict/trial.ts';
import { VOID_POLICIES } from '../../domain/datasets/declaration.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { showDecimal } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import { entityName } from '../../domain/event.ts';
import type { Office } from '../../mixins/office.ts';
import { DEFAULT_PAGE, PAGE_PARAMS, pageOf } from '../call.ts';
import { datasetOf } from '../dataset/dataset-of.ts';
import { shownValues } from '../dataset/entity-view.ts';
import { invalidParameters } from '../dataset/row-filter.ts';
import { caseFilter, FILTER_PARAMS, type FilterParams } from './find-cases.ts';

export interface TryParams extends FilterParams {
  /** For all fields, or for the one that is named. */
  readonly policy?: string;
  /** For one dataset: what is left out stays as it is. */
  readonly policies?: Readonly<Record<string, unknown>>;
  readonly field?: string;
  readonly after?: string;
  readonly limit?: number;
}

export const TRY_PARAMS = {
  ...PAGE_PARAMS,
  ...FILTER_PARAMS,
  policy: { type: 'string', optional: true },
  policies: { type: 'object', optional: true },
  field: { type: 'string', optional: true },
} as const;

export interface OfficeTrials extends TrialSum {
  readonly office: string;
}

/** A conflict that would come out otherwise. */
export interface TrialView extends Pick<Trial, 'stands' | 'would' | 'undecided' | 'money'> {
  readonly id: string;
  readonly dataset: string;
  readonly office: string;
  readonly entityId: string;
  readonly status: ConflictCase['status'];
}

/** Of one page of conflicts: sums of several pages add up. */
export interface TrialPage {
  readonly offices: readonly OfficeTrials[];
  readonly differing: readonly TrialView[];
  readonly next: string | null;
}

/** Cases whose events are in memory at a time. */
const AT_ONCE = 50;

/**
 * What other policies would have made of the conflicts there were. Reads, and changes nothing.
 * @throws DomainError `only-at-the-head`, `invalid-parameters`, `unknown-dataset`, `invalid-input`
 */
export async function tryPolicies(office: Office, params: TryParams): Promise<TrialPage> {
  const { office: own, role } = office.config;
  if (role !== 'head')
    throw new DomainError('only-at-the-head', 'Policies are carried out at the head; try them there', {
      office: own,
    });
  const candidates = candidatesFor(office, params);
  const { limit = DEFAULT_PAGE, after } = params;
  const { read } = office.ledger();
  const query = {
    ...caseFilter(office, params),
    ...(after === undefined ? {} : { after }),
    limit: limit + 1,
  };
  const { items, next } = pageOf(await read.cases(query), limit, ({ id }) => id);
  const trials: Trial[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE)
    trials.push(...(await tryEach(office, items.slice(from, from + AT_ONCE), candidates)));
  return { ...viewOf(trials, candidates), next };
}

async function tryEach(
  office: Office,
  cases: readonly ConflictCase[],
  candidates: ReadonlyMap<string, Dataset>,
): Promise<Trial[]> {
  const tried = cases.filter(({ dataset }) => candidates.has(dataset));
  const rows = tried.length === 0 ? [] : await office.ledger().read.eventsOfEntities(tried);
  const applied = rows.filter(({ status }) => status === 'applied').map(({ event }) => event);
  const byEntity = Map.groupBy(applied, (event) => entityName(event));
  return tried.flatMap((one) => {
    const events = byEntity.get(entityName(one));
    return events === undefined
      ? []
      : [tryOn(one, candidates.get(one.dataset)!, events, office.config.office)];
  });
}

function viewOf(
  trials: readonly Trial[],
  datasets: ReadonlyMap<string, Dataset>,
): Pick<TrialPage, 'offices' | 'differing'> {
  const sums = new Map<string, TrialSum>();
  for (const trial of trials) {
    const { scope } = trial.conflict;
    sums.set(scope, addTrials(sums.get(scope) ?? NO_TRIALS, sumOf(trial)));
  }
  return {
    offices: [...sums].map(([office, sum]) => ({ office, ...sum, money: shownMoney(sum.money) })),
    differing: trials
      .filter(({ outcome }) => outcome === 'differs')
      .map((trial) => viewTrial(trial, datasets.get(trial.conflict.dataset)!)),
  };
}

function viewTrial({ conflict, stands, would, undecided, money }: Trial, dataset: Dataset): TrialView {
  const { id, scope: office, entityId, status } = conflict;
  return {
    id,
    dataset: dataset.name,
    office,
    entityId,
    status,
    stands: shownValues(dataset, stands),
    would: shownValues(dataset, would),
    undecided,
    money: shownMoney(money),
  };
}

function shownMoney(money: TrialSum['money']): Record<string, string> {
  return Object.fromEntries(Object.entries(money).map(([field, value]) => [field, showDecimal(value)]));
}

// ---------------------------------------------------------------- what is tried

/** The datasets that it is tried on, with those policies. */
function candidatesFor(office: Office, params: TryParams): Map<string, Dataset> {
  const { dataset: name, policy, policies } = params;
  if ((policy === undefined) === (policies === undefined))
    throw invalidParameters([{ field: 'policy', reason: 'or policies must be given, and not both' }]);
  if (name === undefined && (policies !== undefined || params.field !== undefined))
    throw invalidParameters([{ field: 'dataset', reason: 'must be named for its fields' }]);
  const asked =
    name === undefined
      ? office.datasets.all.filter((one) => isKnownTo(one, policy!))
      : [datasetOf(office, name)];
  if (asked.length === 0)
    throw invalidParameters([{ field: 'policy', reason: `"${policy}" is known to no dataset` }]);
  return new Map(asked.map((dataset) => [dataset.name, candidate(dataset, params)]));
}

function isKnownTo(dataset: Dataset, policy: string): boolean {
  return [...policyNames(dataset), ...VOID_POLICIES].includes(policy);
}

function candidate(dataset: Dataset, params: TryParams): Dataset {
  const changed = changePolicies(dataset, changeAskedFor(dataset, params));
  if ('dataset' in changed) return changed.dataset;
  const problems = changed.problems.map((reason) => ({ field: 'policies', reason }));
  throw new DomainError('invalid-input', changed.problems.join('; '), { problems });
}

function changeAskedFor(dataset: Dataset, { policy, policies, field }: TryParams): object {
  if (policy !== undefined)
    return field === undefined ? onePolicyForAll(dataset, policy) : { fields: { [field]: policy } };
  if (field === undefined) return policies!;
  const { fields, default: preset } = policies as { fields?: Record<string, unknown>; default?: unknown };
  const ofField = fields?.[field] ?? preset;
  if (ofField !== undefined) return { fields: { [field]: ofField } };
  throw invalidParameters([{ field: 'field', reason: `"${field}" has no policy there` }]);
}
