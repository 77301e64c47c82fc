import type { Dataset, FieldType } from '../datasets/dataset.ts';
import { isCanonicalValue } from '../datasets/field-value.ts';
import { compareDecimals } from '../decimal.ts';
import { compareText, dotName, SHARED_SCOPE, type JsonValue, type OfficeId } from '../event.ts';
import { compareWriters, STATUS_FIELD } from '../office/entity-state.ts';
import type { Hasher } from '../ports.ts';
import type { ConflictCase, Contender } from './case.ts';
import { standingContenders } from './cases.ts';
import { derivedId } from './derived-id.ts';
import { sameValue } from './detect.ts';
import type { BulkPolicy, Candidate, CustomPolicy, FieldPolicy, VoidPolicy } from './policy.ts';

/** What the automatic policies say about a case. Fields left to a person are `undecided`. */
export interface AutomaticRuling {
  readonly writes: Readonly<Record<string, JsonValue>>;
  /** Name of the policy for each field written. */
  readonly policies: Readonly<Record<string, string>>;
  readonly undecided: readonly string[];
}

interface Dispute {
  /** Oldest first. */
  readonly candidates: readonly Candidate[];
  readonly base: JsonValue | undefined;
  readonly total: JsonValue | undefined;
  readonly type: FieldType | undefined;
  readonly head: OfficeId;
  readonly owner: OfficeId;
}

/** Rules by the dataset's policies. Pure, and the same for the same case, whoever asks and how often. */
export function ruleOn(conflict: ConflictCase, dataset: Dataset, headOffice: OfficeId): AutomaticRuling {
  if (isVoidingLeftToAPerson(conflict, dataset))
    return { writes: {}, policies: {}, undecided: conflict.fields };
  return ruleFields(conflict, dataset, headOffice, (field) => policyOf(dataset, field));
}

/** Rules by one policy on all that is in dispute, whatever the dataset's policies are: somebody said so. */
export function ruleAllBy(
  policy: BulkPolicy,
  conflict: ConflictCase,
  dataset: Dataset,
  headOffice: OfficeId,
): AutomaticRuling {
  const isNoSize = (field: string) => field === STATUS_FIELD && (policy === 'max' || policy === 'min');
  return ruleFields(conflict, dataset, headOffice, (field) => (isNoSize(field) ? 'manual' : policy));
}

function ruleFields(
  conflict: ConflictCase,
  dataset: Dataset,
  headOffice: OfficeId,
  policyFor: (field: string) => FieldPolicy | VoidPolicy,
): AutomaticRuling {
  const writes: Record<string, JsonValue> = {};
  const policies: Record<string, string> = {};
  const undecided: string[] = [];
  for (const field of conflict.fields) {
    const policy = policyFor(field);
    const value = ruleField(policy, disputeOver(field, conflict, dataset, headOffice));
    if (value === undefined) undecided.push(field);
    else [writes[field], policies[field]] = [value, typeof policy === 'string' ? policy : policy.name];
  }
  return { writes, policies, undecided };
}

/** Then all of it is: what an editor wrote, ruled on, would no longer stand against the void. */
function isVoidingLeftToAPerson({ fields }: ConflictCase, { policies }: Dataset): boolean {
  return fields.includes(STATUS_FIELD) && policies.void === 'manual';
}

/**
 * Id of the event that rules on a case as it stands: the same at two nodes that rule at once, so that one of
 * them is a repetition. The disputed fields belong to it, since a part may be ruled before the rest.
 */
export function resolutionEventId(conflict: ConflictCase, policyVersion: number, hasher: Hasher): string {
  const sides = standingContenders(conflict).map(dotName).sort();
  return derivedId(hasher, ['resolution', conflict.id, String(policyVersion), ...conflict.fields, ...sides]);
}

function policyOf({ policies }: Dataset, field: string): FieldPolicy | VoidPolicy {
  if (field === STATUS_FIELD) return policies.void;
  return Object.hasOwn(policies.fields, field) ? policies.fields[field]! : policies.default;
}

function disputeOver(field: string, conflict: ConflictCase, dataset: Dataset, head: OfficeId): Dispute {
  return {
    candidates: conflict.contenders
      .filter((side) => Object.hasOwn(side.values, field))
      .map((side) => candidateOf(side, field))
      .sort(compareWriters),
    base: conflict.base[field],
    total: conflict.totals?.[field],
    type: Object.hasOwn(dataset.fields, field) ? dataset.fields[field] : undefined,
    head,
    owner: conflict.scope === SHARED_SCOPE ? head : conflict.scope,
  };
}

function candidateOf({ office, epoch, seq, values, wroteAt }: Contender, field: string): Candidate {
  return { value: values[field]!, at: wroteAt[field]!, office, epoch, seq };
}

/** Undefined leaves the field to a person. */
function ruleField(policy: FieldPolicy | VoidPolicy, dispute: Dispute): JsonValue | undefined {
  const { candidates, type } = dispute;
  if (typeof policy === 'object') return ofItsType(chosenBy(policy, dispute), type);
  switch (policy) {
    case 'latest':
      return latest(candidates);
    case 'head-wins':
      return latest(candidates.filter(({ office }) => office === dispute.head)) ?? latest(candidates);
    case 'owner-wins':
      return latest(candidates.filter(({ office }) => office === dispute.owner)) ?? latest(candidates);
    case 'max':
      return extreme(candidates, type, 1);
    case 'min':
      return extreme(candidates, type, -1);
    case 'add':
      return ofItsType(dispute.total, type);
    case 'void-wins':
      return statusIfAny(candidates, 'voided', 'live');
    case 'amend-wins':
      return statusIfAny(candidates, 'live', 'voided');
    case 'manual':
      return undefined;
  }
}

/** A ruling brings no value that nobody wrote: a custom policy takes one of the sides, or what was there before. */
function chosenBy({ rule }: CustomPolicy, { candidates, base }: Dispute): JsonValue | undefined {
  const value = rule(candidates, base)?.value;
  if (value === undefined) return undefined;
  const written = [...candidates.map((one) => one.value), ...(base === undefined ? [] : [base])];
  return written.some((one) => sameValue(one, value)) ? value : undefined;
}

function latest(candidates: readonly Candidate[]): JsonValue | undefined {
  return candidates.at(-1)?.value;
}

function statusIfAny(candidates: readonly Candidate[], winner: string, other: string): string {
  return candidates.some(({ value }) => value === winner) ? winner : other;
}

/** A value that the field cannot hold (a sum over its limits, a custom rule gone wrong) is for a person to judge. */
function ofItsType(value: JsonValue | undefined, type: FieldType | undefined): JsonValue | undefined {
  if (value === undefined || type === undefined) return undefined;
  return isCanonicalValue(type, value) ? value : undefined;
}

function extreme(
  candidates: readonly Candidate[],
  type: FieldType | undefined,
  sign: 1 | -1,
): JsonValue | undefined {
  const values = candidates.map(({ value }) => value).filter((value) => value !== null);
  return values.sort((a, b) => sign * compareValues(a, b, type)).at(-1) ?? null;
}

/** By size for numbers, in byte order for everything else: dates and times sort as their text. */
function compareValues(a: JsonValue, b: JsonValue, type: FieldType | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (type?.kind === 'decimal') return compareDecimals(String(a), String(b));
  return compareText(String(a), String(b));
}
