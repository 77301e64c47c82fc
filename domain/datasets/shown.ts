import type { Dataset, Field } from './dataset.ts';
import { type Problem, refuseIfAny } from './validate.ts';

type Given = Readonly<Record<string, unknown>>;

const shown = new WeakMap<Dataset, Dataset>();

/**
 * A dataset as clients know it: its fields by the names that they have now, without those that were retired. For what is
 * described, mapped and asked for; whatever is written, folded or stored goes by keys.
 */
export function shownDataset(dataset: Dataset): Dataset {
  const known = shown.get(dataset);
  if (known !== undefined) return known;
  const made: Dataset = {
    ...dataset,
    fields: byName(dataset, dataset.fields),
    policies: { ...dataset.policies, fields: byName(dataset, dataset.policies.fields) },
  };
  shown.set(dataset, made);
  return made;
}

function byName<T>({ fields }: Dataset, given: Readonly<Record<string, T>>): Record<string, T> {
  const kept = Object.entries(given).filter(([key]) => fields[key]?.retired !== true);
  return Object.fromEntries(kept.map(([key, one]) => [nameOf(key, fields[key]), one]));
}

function nameOf(key: string, field: Field | undefined): string {
  return field?.name ?? key;
}

/** How clients know a field; a name that is none stays. */
export function shownName({ fields }: Dataset, key: string): string {
  return nameOf(key, Object.hasOwn(fields, key) ? fields[key] : undefined);
}

/** A row's values by the names that clients know. */
export function shownByName<T>(dataset: Dataset, values: Readonly<Record<string, T>>): Record<string, T> {
  return byName(dataset, values);
}

/**
 * What a client sends, by keys. Names that are none stay as they are, for whoever checks the values to refuse.
 * @throws DomainError `invalid-input` for a name that a field no longer has
 */
export function byKey(dataset: Dataset, given: Given): Given {
  const keys = new Map(Object.entries(dataset.fields).map(([key, field]) => [nameOf(key, field), key]));
  const keyed: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(given)) {
    const key = keys.get(name);
    const now = key === undefined && Object.hasOwn(dataset.fields, name) ? dataset.fields[name]! : null;
    if (now !== null) problems.push({ field: name, reason: `is called "${nameOf(name, now)}" now` });
    else keyed[key ?? name] = value;
  }
  refuseIfAny(problems, dataset);
  return keyed;
}
