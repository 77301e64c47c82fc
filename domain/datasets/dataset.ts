import type { JsonObject, JsonValue } from '../event.ts';
import type { DatasetPolicies } from '../conflict/policy.ts';

/** The type of one field, with its limits. Money is `decimal`: exact, a string in events and in answers. */
export type FieldType =
  | { readonly kind: 'text'; readonly maxLength: number }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'date' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'reference'; readonly dataset: string };

export type Field = FieldType & {
  readonly required: boolean;
  /** Shown to people. */
  readonly label: string;
  /** What clients call it since it was renamed. Events, states, cases and columns have the first name, its key, for ever. */
  readonly name?: string;
  /** Shown for an entity in which nobody has ever written it, and recorded where a client says nothing. */
  readonly default?: JsonValue;
  /** No command writes it any more. What was written stays, and stays in its column. */
  readonly retired?: true;
};

/** A field that is worked out from the others on every fold; never in an event. */
export interface ComputedField {
  readonly type: FieldType;
  readonly label: string;
  readonly compute: (values: Readonly<Record<string, JsonValue>>) => JsonValue;
}

/**
 * A dataset, declared once: validation, event types, tables on every database, routes and forms follow from it.
 */
export interface Dataset {
  /** Plural, lower case, also the table's and the route's name: `sales`. */
  readonly name: string;
  /** Prefix of its event types: `Sale` gives `SaleRecorded`, ... */
  readonly noun: string;
  /** `office`: each entity belongs to one office, which writes it, as the head does. `shared`: the head alone writes it, for all. */
  readonly scope: 'office' | 'shared';
  readonly version: number;
  readonly fields: Readonly<Record<string, Field>>;
  readonly computed: Readonly<Record<string, ComputedField>>;
  readonly policies: DatasetPolicies;
  /** The same one version earlier; absent for the one that was declared. */
  readonly before?: Dataset;
}

export type EventVerb = 'Recorded' | 'Amended' | 'Voided' | 'Restored';

/** A row as people and databases see it: fields in declared order, then computed ones, as JSON values. */
export interface DatasetRow {
  readonly scope: string;
  readonly entityId: string;
  readonly values: JsonObject;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly deletedAt: string | null;
  readonly conflicted: boolean;
}
