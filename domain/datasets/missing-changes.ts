import type { Dataset, Field } from './dataset.ts';
import { addedDataset, isWider, limitsOf } from './evolution.ts';
import type { SchemaChange } from './schema-change.ts';

/** What becomes of one field by all changes together. */
interface Outcome {
  readonly kinds: Set<SchemaChange['kind']>;
  /** As it was added; null for one that was there before. */
  added: Pick<Field, 'kind'> | null;
  name: string;
  isOptional: boolean;
  isRetired: boolean;
  readonly values: string[];
  limits: Readonly<Record<string, number | undefined>>;
}

/**
 * What a dataset that came to its version by itself, and not by these changes, has not got of what they brought: `"note"
 * (add-field)`. A field goes by its key there, or by the name that it has in the end.
 */
export function missingFrom(dataset: Dataset, changes: readonly SchemaChange[]): string[] {
  return [...outcomesOf(changes)]
    .filter(([key, outcome]) => !isIn(dataset, key, outcome))
    .map(([key, { kinds }]) => `"${key}" (${[...kinds].join(', ')})`);
}

function outcomesOf(changes: readonly SchemaChange[]): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const change of changes) {
    if (change.kind === 'add-dataset') {
      const added = addedDataset([change]);
      const fields = 'dataset' in added ? Object.entries(added.dataset.fields) : [];
      for (const [key, field] of fields)
        Object.assign(outcomeOf(outcomes, key, change.kind), { added: field });
    } else takeIn(outcomeOf(outcomes, change.field, change.kind), change);
  }
  return outcomes;
}

/** By its key, or by the name that earlier changes gave it. */
function outcomeOf(outcomes: Map<string, Outcome>, field: string, kind: SchemaChange['kind']): Outcome {
  const known = outcomes.get(field) ?? [...outcomes.values()].find(({ name }) => name === field);
  const outcome: Outcome = known ?? {
    ...{ kinds: new Set(), added: null, name: field, isOptional: false, isRetired: false },
    ...{ values: [], limits: {} },
  };
  outcome.kinds.add(kind);
  if (known === undefined) outcomes.set(field, outcome);
  return outcome;
}

function takeIn(outcome: Outcome, change: Exclude<SchemaChange, { kind: 'add-dataset' }>): void {
  switch (change.kind) {
    case 'add-field':
      outcome.added = change.type;
      break;
    case 'rename-field':
      outcome.name = change.to;
      break;
    case 'retire-field':
      outcome.isRetired = true;
      break;
    case 'make-optional':
      outcome.isOptional = true;
      break;
    case 'add-values':
      outcome.values.push(...change.values);
      break;
    case 'widen-field':
      outcome.limits = { ...outcome.limits, ...change.to };
  }
}

function isIn({ fields }: Dataset, key: string, outcome: Outcome): boolean {
  const { added, name, isOptional, isRetired, values, limits } = outcome;
  const at = Object.hasOwn(fields, key) ? key : Object.hasOwn(fields, name) ? name : null;
  if (at === null) return isRetired;
  const field = fields[at]!;
  if (isRetired) return field.retired === true;
  return (
    (field.name ?? at) === name &&
    !(isOptional && field.required) &&
    (added === null || isAtLeast(field, added as Field)) &&
    hasValues(field, values) &&
    isAsWide(field, limits)
  );
}

function isAtLeast(field: Field, added: Field): boolean {
  if (field.kind !== added.kind) return false;
  if (field.kind === 'decimal' && added.kind === 'decimal' && field.scale !== added.scale) return false;
  return isAsWide(field, limitsOf(added)) && (added.kind !== 'enum' || hasValues(field, added.values));
}

function hasValues(field: Field, values: readonly string[]): boolean {
  return (
    values.length === 0 || (field.kind === 'enum' && values.every((value) => field.values.includes(value)))
  );
}

function isAsWide(field: Field, to: Outcome['limits']): boolean {
  const limits = limitsOf(field);
  return Object.entries(to).every(
    ([name, value]) =>
      value === undefined || (Object.hasOwn(limits, name) && !isWider(name, value, limits[name]!)),
  );
}
