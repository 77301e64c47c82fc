import { z } from 'zod';
import type { Dataset } from '../datasets/dataset.ts';
import { guarded, POLICY_FUNCTION, VOID_POLICIES } from '../datasets/declaration.ts';
import { keyOfField } from '../datasets/evolution.ts';
import { type CustomPolicy, type DatasetPolicies, FIELD_POLICIES, type FieldPolicy } from './policy.ts';

const POLICY = z.union([z.string(), POLICY_FUNCTION], { error: 'must be the name of a policy' });
const CHANGE = z.strictObject({
  default: POLICY.optional(),
  fields: z.record(z.string(), POLICY).optional(),
  void: z.enum(VOID_POLICIES, `must be one of ${VOID_POLICIES.join(', ')}`).optional(),
});

/** Policies by name, as an event or a program's request has them; what is left out stays as it is. */
export type PolicyChange = z.input<typeof CHANGE>;

/**
 * A dataset with its policies changed, their version one higher, or everything that is wrong with the change. Whether a
 * field counts (`add`) cannot change: what was written into it would come to mean something else.
 */
export function changePolicies(
  dataset: Dataset,
  given: unknown,
): { readonly dataset: Dataset } | { readonly problems: readonly string[] } {
  const read = CHANGE.safeParse(given);
  if (!read.success)
    return { problems: read.error.issues.map(({ path, message }) => [...path, message].join(' ')) };
  const { fields = {}, ...rest } = read.data;
  const problems: string[] = [];
  const known = (given: FieldPolicy | string, place: string): FieldPolicy => {
    const policy = typeof given === 'string' ? policyNamed(dataset, given) : guarded(given);
    if (policy === null) problems.push(`${place} must be one of ${policyNames(dataset).join(', ')}`);
    return policy ?? 'manual';
  };
  const changed: Record<string, FieldPolicy> = { ...dataset.policies.fields };
  for (const [name, policy] of Object.entries(fields)) {
    const key = keyOfField(dataset, name);
    if (key === null) problems.push(`"${name}" is not a field of ${dataset.name}`);
    else changed[key] = known(policy, name);
  }
  const policies: DatasetPolicies = {
    ...dataset.policies,
    version: dataset.policies.version + 1,
    default: rest.default === undefined ? dataset.policies.default : known(rest.default, 'default'),
    fields: changed,
    void: rest.void ?? dataset.policies.void,
  };
  problems.push(...flawsOfCounts(dataset, policies));
  return problems.length > 0 ? { problems } : { dataset: { ...dataset, policies } };
}

/** One policy for all that can be in dispute, but for what counts: that goes on counting. */
export function onePolicyForAll(dataset: Dataset, name: string): PolicyChange {
  const isOfVoids = VOID_POLICIES.some((policy) => policy === name);
  const counts = (field: string) => policyFor(dataset.policies, field) === 'add';
  const fields = Object.keys(dataset.policies.fields).filter((field) => !counts(field));
  if (isOfVoids && policyNamed(dataset, name) === null) return { void: name as DatasetPolicies['void'] };
  return {
    default: name,
    fields: Object.fromEntries(fields.map((field) => [field, name])),
    ...(isOfVoids ? { void: name as DatasetPolicies['void'] } : {}),
  };
}

/** null for a name that neither the program nor the declaration of the dataset gives to a policy. */
export function policyNamed({ policies }: Pick<Dataset, 'policies'>, name: string): FieldPolicy | null {
  const builtIn = FIELD_POLICIES.find((policy) => policy === name);
  return builtIn ?? customPolicies(policies).find((policy) => policy.name === name) ?? null;
}

export function policyNames({ policies }: Pick<Dataset, 'policies'>): string[] {
  return [...new Set([...FIELD_POLICIES, ...customPolicies(policies).map(({ name }) => name)])];
}

function customPolicies({ custom = [], default: preset, fields }: DatasetPolicies): CustomPolicy[] {
  const inUse = [preset, ...Object.values(fields)];
  return [...custom, ...inUse.filter((policy) => typeof policy === 'object')];
}

export function policyFor({ fields, default: preset }: DatasetPolicies, field: string): FieldPolicy {
  return Object.hasOwn(fields, field) ? fields[field]! : preset;
}

function flawsOfCounts({ fields, policies, name }: Dataset, next: DatasetPolicies): string[] {
  if (next.default === 'add') return ['default cannot be add: name the fields that count'];
  return Object.keys(fields).flatMap((field) => {
    const [counted, counts] = [policies, next].map((one) => policyFor(one, field) === 'add');
    if (counted === counts) return [];
    return counted
      ? [
          `"${field}" of ${name} counts (add), and what was counted cannot be settled otherwise; add a new field`,
        ]
      : [`"${field}" of ${name} cannot begin to count (add) after it was written; add a new field that does`];
  });
}
