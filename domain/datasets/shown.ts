import type { Dataset, Field } from './dataset.ts';
import { keyOfField } from './evolution.ts';
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

/** Names that clients knew fields by and no field has now, among them the keys of those that were renamed -> key. */
export function formerNames(dataset: Dataset): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (let at: Dataset | undefined = dataset; at !== undefined; at = at.before)
    for (const [key, field] of Object.entries(at.fields))
      for (const name of [nameOf(key, field), key]) if (!known.has(name)) known.set(name, key);
  return new Map([...known].filter(([name, key]) => name !== shownName(dataset, key)));
}

/** Of a field that is not called so any more, or that nobody writes any more. Completes a sentence that begins with its name. */
export function whatBecameOf(dataset: Dataset, name: string): string | null {
  const key = keyOfField(dataset, name) ?? formerNames(dataset).get(name);
  if (key === undefined) return null;
  return dataset.fields[key]!.retired === true ? 'was retired' : `is called "${shownName(dataset, key)}" now`;
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
    const reason = key === undefined ? whatBecameOf(dataset, name) : null;
    if (reason !== null) problems.push({ field: name, reason });
    else keyed[key ?? name] = value;
  }
  refuseIfAny(problems, dataset);
  return keyed;
}
