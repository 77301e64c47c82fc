import type { ConflictCase } from '../../domain/conflict/case.ts';
import { parseDecimal } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Office } from '../../mixins/office.ts';
import type { CaseQuery } from '../../mixins/store/store.ts';
import { DEFAULT_PAGE, type Page, PAGE_PARAMS, pageOf } from '../call.ts';
import { datasetOf } from '../dataset/dataset-of.ts';
import { invalidParameters } from '../dataset/row-filter.ts';
import { type CaseView, viewCase } from './case-view.ts';
import { notesOn } from './case-notes.ts';

/** What conflicts are chosen by. */
export interface FilterParams {
  /** Whose entities they are about. */
  readonly office?: string;
  readonly dataset?: string;
  /** Times: only those that were opened then. */
  readonly openedSince?: string;
  readonly openedBefore?: string;
  /** A decimal: only those in which at least so much is at stake. */
  readonly atStake?: string;
}

export interface ListParams extends FilterParams {
  readonly status?: ConflictCase['status'];
  readonly after?: string;
  readonly limit?: number;
  readonly count?: boolean;
}

export const FILTER_PARAMS = {
  office: { type: 'string', optional: true },
  dataset: { type: 'string', optional: true },
  openedSince: { type: 'string', optional: true, doc: { format: 'date-time' } },
  openedBefore: { type: 'string', optional: true, doc: { format: 'date-time' } },
  atStake: {
    type: 'string',
    optional: true,
    doc: { description: 'Only those in which at least so much money is at stake.', examples: ['100'] },
  },
  after: { type: 'uuid', optional: true, messages: { uuid: 'is not the `next` of a page before' } },
} as const;

export const LIST_PARAMS = {
  ...PAGE_PARAMS,
  ...FILTER_PARAMS,
  status: { type: 'enum', values: ['open', 'settled'], optional: true },
  count: { type: 'boolean', convert: true, optional: true },
} as const;

/** @throws DomainError `invalid-parameters`, `unknown-dataset` */
export async function listCases(
  office: Office,
  { limit = DEFAULT_PAGE, count, status, after, ...filter }: ListParams,
): Promise<Page<CaseView, string> & { total?: number }> {
  const chosen = { ...caseFilter(office, filter), ...(status === undefined ? {} : { status }) };
  const { read } = office.ledger();
  const [found, total] = await Promise.all([
    read.cases({ ...chosen, ...(after === undefined ? {} : { after }), limit: limit + 1 }),
    count === true ? read.countCases(chosen) : null,
  ]);
  const { items, next } = pageOf(found, limit, ({ id }) => id);
  return { items: await viewCases(office, items), next, ...(total === null ? {} : { total }) };
}

/** With the notes on them. */
export async function viewCases(office: Office, cases: readonly ConflictCase[]): Promise<CaseView[]> {
  const notes = await notesOn(office, cases);
  return cases.map((one) => viewCase(office.datasets, one, notes.get(one.id) ?? []));
}

export async function showCase(office: Office, id: string): Promise<CaseView> {
  const [view] = await viewCases(office, [await findCase(office, id)]);
  return view!;
}

/** @throws DomainError `unknown-case` */
export async function findCase(office: Office, id: string): Promise<ConflictCase> {
  const conflict = await office.ledger().read.case(id);
  if (conflict !== null) return conflict;
  throw new DomainError('unknown-case', `There is no conflict "${id}"`, { caseId: id });
}

/** @throws DomainError `invalid-parameters`, `unknown-dataset` */
export function caseFilter(
  { datasets }: Pick<Office, 'datasets'>,
  { office, dataset, openedSince, openedBefore, atStake }: FilterParams,
): Omit<CaseQuery, 'limit'> {
  if (dataset !== undefined) datasetOf({ datasets }, dataset);
  return {
    ...(office === undefined ? {} : { scope: office }),
    ...(dataset === undefined ? {} : { dataset }),
    ...(openedSince === undefined ? {} : { openedSince: instant('openedSince', openedSince) }),
    ...(openedBefore === undefined ? {} : { openedBefore: instant('openedBefore', openedBefore) }),
    ...(atStake === undefined ? {} : { atStake: amount(atStake) }),
  };
}

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function instant(field: string, text: string): string {
  const timeMs = INSTANT.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(timeMs)) return new Date(timeMs).toISOString();
  throw invalidParameters([{ field, reason: 'must be a time, such as 2026-04-01T09:30:00Z' }]);
}

function amount(text: string): string {
  const decimal = parseDecimal(text);
  if (decimal !== null && !decimal.startsWith('-')) return decimal;
  throw invalidParameters([{ field: 'atStake', reason: 'must be an amount from zero up, such as 99.50' }]);
}
