import type { Dataset, Field } from './dataset.ts';
import { keyOfField, limitsOf, isWider } from './evolution.ts';
import type { SchemaChange } from './schema-change.ts';

/** Whether a dataset has what a change would bring it, however it came by it: a declaration may have come to the same. */
export function isMadeAlready(dataset: Dataset, change: SchemaChange): boolean {
  if (change.kind === 'add-dataset') return true;
  const key = keyOfField(dataset, change.field);
  const field = key === null ? null : dataset.fields[key]!;
  switch (change.kind) {
    case 'add-field':
      return field?.kind === change.type.kind;
    case 'rename-field':
      return keyOfField(dataset, change.to) !== null;
    case 'retire-field':
      return field === null || field.retired === true;
    case 'make-optional':
      return field !== null && !field.required;
    case 'add-values':
      return field?.kind === 'enum' && change.values.every((value) => field.values.includes(value));
    case 'widen-field':
      return field !== null && isAsWide(field, change.to);
  }
}

function isAsWide(field: Field, to: Extract<SchemaChange, { kind: 'widen-field' }>['to']): boolean {
  const limits = limitsOf(field);
  return Object.entries(to).every(
    ([name, value]) => Object.hasOwn(limits, name) && !isWider(name, value!, limits[name]!),
  );
}
