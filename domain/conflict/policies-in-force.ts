import { z } from 'zod';
import type { Dataset } from '../datasets/dataset.ts';
import { VOID_POLICIES } from '../datasets/declaration.ts';
import { isPoliciesField } from '../datasets/event-types.ts';
import type { JsonObject, JsonValue } from '../event.ts';
import { policyNamed } from './change-policies.ts';
import type { DatasetPolicies, FieldPolicy } from './policy.ts';

const CHANGED = z.strictObject({
  dataset: z.string().max(32),
  policies: z.strictObject({
    version: z.int().min(1),
    default: z.string(),
    fields: z.record(z.string(), z.string()),
    void: z.enum(VOID_POLICIES),
  }),
});

/** What an event of the head says: all policies of a dataset, custom ones by their names. */
export type PoliciesChanged = z.output<typeof CHANGED>;

/** Reads the data of such an event; null when it is none. */
export function readPoliciesChanged(data: JsonValue | undefined): PoliciesChanged | null {
  const parsed = CHANGED.safeParse(data);
  return parsed.success ? parsed.data : null;
}

export function policiesData({ name, policies }: Dataset): PoliciesChanged & JsonObject {
  const fields = Object.entries(policies.fields).map(([field, policy]) => [field, nameOfPolicy(policy)]);
  return {
    dataset: name,
    policies: {
      version: policies.version,
      default: nameOfPolicy(policies.default),
      fields: Object.fromEntries(fields) as Record<string, string>,
      void: policies.void,
    },
  };
}

export function nameOfPolicy(policy: FieldPolicy): string {
  return typeof policy === 'string' ? policy : policy.name;
}

/** The newest that the head has said of each dataset, by the values that stand in the catalogue. */
export function newestPolicies(values: Readonly<Record<string, JsonValue>>): Map<string, PoliciesChanged> {
  const newest = new Map<string, PoliciesChanged>();
  for (const [field, value] of Object.entries(values)) {
    const changed = isPoliciesField(field) ? readPoliciesChanged(value) : null;
    if (changed === null) continue;
    const known = newest.get(changed.dataset)?.policies.version ?? 0;
    if (changed.policies.version > known) newest.set(changed.dataset, changed);
  }
  return newest;
}

/**
 * The dataset with the policies that the head has given it since it was declared. A name that this program gives to no
 * policy leaves the field to a person; what is said of a field that is not here yet counts when it is.
 */
export function withPoliciesInForce(dataset: Dataset, changed: PoliciesChanged | undefined): Dataset {
  if (changed === undefined || changed.policies.version <= dataset.policies.version) return dataset;
  const { version, default: preset, fields, void: ofVoid } = changed.policies;
  const named = (name: string): FieldPolicy => policyNamed(dataset, name) ?? { name, rule: () => null };
  const known = Object.entries(fields).filter(([field]) => Object.hasOwn(dataset.fields, field));
  const policies: DatasetPolicies = {
    ...dataset.policies,
    version,
    default: named(preset),
    // A later program may have declared one for a field that was not there when the head spoke.
    fields: {
      ...dataset.policies.fields,
      ...Object.fromEntries(known.map(([field, name]) => [field, named(name)])),
    },
    void: ofVoid,
    declared: dataset.policies,
  };
  return { ...dataset, policies };
}
