import type { Dataset } from './dataset.ts';

const NONE: ReadonlySet<string> = new Set();
const counted = new WeakMap<Dataset, ReadonlySet<string>>();

/** The fields that are a number of something, of which each office takes and adds: those of the policy `add`. */
export function countedFields(dataset: Dataset | null): ReadonlySet<string> {
  if (dataset === null) return NONE;
  const known = counted.get(dataset);
  if (known !== undefined) return known;
  const { fields } = dataset.policies;
  const names = new Set(Object.keys(fields).filter((field) => fields[field] === 'add'));
  counted.set(dataset, names);
  return names;
}
