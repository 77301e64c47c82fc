import type { JsonValue } from '../event.ts';

/**
 * How a disputed field is ruled. `add` counts: what every side took and added stands (see count.ts); where nobody can tell,
 * it is left to a person, as with `manual`.
 */
export type FieldPolicy = (typeof FIELD_POLICIES)[number] | CustomPolicy;
export const FIELD_POLICIES = ['latest', 'head-wins', 'owner-wins', 'max', 'min', 'add', 'manual'] as const;

/** How a void against an amend (or a restore) is ruled. */
export type VoidPolicy = 'void-wins' | 'amend-wins' | 'latest' | 'manual';

/** Policies that a person may apply to many conflicts at once. */
export const BULK_POLICIES = ['latest', 'head-wins', 'owner-wins', 'max', 'min'] as const;
export type BulkPolicy = (typeof BULK_POLICIES)[number];

export interface CustomPolicy {
  readonly name: string;
  /**
   * Pure. Gives the value that stands, one of those in dispute or what was there before; null, or any other value, leaves
   * it to a person. Candidates come oldest first.
   */
  readonly rule: (
    candidates: readonly Candidate[],
    base: JsonValue | undefined,
  ) => { value: JsonValue } | null;
}

/** One of the values in dispute over a field. */
export interface Candidate {
  readonly value: JsonValue;
  readonly at: string;
  readonly office: string;
  readonly epoch: number;
  readonly seq: number;
}

export interface DatasetPolicies {
  /** Goes up with every change; named by each ruling. */
  readonly version: number;
  /** `merge-fields`: edits of different fields both stand, which is no conflict. */
  readonly rows: 'merge-fields';
  /** For fields not named in `fields`. */
  readonly default: FieldPolicy;
  readonly fields: Readonly<Record<string, FieldPolicy>>;
  readonly void: VoidPolicy;
  /** Declared to be taken up one day: see change-policies.ts. */
  readonly custom?: readonly CustomPolicy[];
  /** Those of the declaration, where the head has changed them since. */
  readonly declared?: DatasetPolicies;
}
