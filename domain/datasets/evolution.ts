import { DomainError } from '../errors.ts';
import type { JsonValue } from '../event.ts';
import { checkDataset } from './check-dataset.ts';
import type { ComputedField, Dataset, Field, FieldType } from './dataset.ts';
import { readDeclaration } from './declaration.ts';
import type { SchemaChange } from './schema-change.ts';
import { checkField } from './validate.ts';

export type Evolved = { readonly dataset: Dataset } | { readonly problems: readonly string[] };

type FieldChange = Exclude<SchemaChange, { kind: 'add-dataset' }>;
type ChangeOf<Kind extends FieldChange['kind']> = Extract<FieldChange, { kind: Kind }>;
/** A field as it comes out of a change, or why the change cannot be made. Reasons complete `"channel" ...`. */
type Changed = { readonly key: string; readonly field: Field } | { readonly reason: string };

/**
 * The next version of a dataset, or everything that is wrong with the changes. Nothing that anybody wrote is lost by one:
 * a field is retired and never removed, and limits only grow. Pure, and the same at every office.
 */
export function evolveDataset(dataset: Dataset, changes: readonly SchemaChange[]): Evolved {
  const problems: string[] = [];
  let next: Dataset = { ...dataset, version: dataset.version + 1, before: dataset };
  for (const change of changes) {
    if (change.kind === 'add-dataset') {
      problems.push(`there is a dataset "${dataset.name}" already`);
      continue;
    }
    const changed = changeField(next, change);
    if ('reason' in changed) problems.push(`"${change.field}" ${changed.reason}`);
    else next = { ...next, fields: { ...next.fields, [changed.key]: changed.field } };
  }
  return checked(next, problems);
}

/** A dataset that an event declares. */
export function addedDataset(changes: readonly SchemaChange[]): Evolved {
  const [change, ...others] = changes;
  if (change?.kind !== 'add-dataset' || others.length > 0)
    return { problems: ['it is not declared yet: one change must add it, and nothing else'] };
  const read = readDeclaration(change.declaration);
  return 'problems' in read ? read : checked(read.dataset, []);
}

/** As it was in a version: events are held to the one that their author knew. */
export function datasetAt(dataset: Dataset, version: number): Dataset {
  let at = dataset;
  while (at.version > version && at.before !== undefined) at = at.before;
  return at;
}

/** By its key, or by the name that clients know. */
export function keyOfField({ fields }: Dataset, name: string): string | null {
  if (Object.hasOwn(fields, name)) return name;
  return Object.keys(fields).find((key) => fields[key]!.name === name) ?? null;
}

function checked(dataset: Dataset, problems: readonly string[]): Evolved {
  if (problems.length > 0) return { problems };
  try {
    checkDataset(dataset);
    return { dataset };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { problems: error.data['problems'] as string[] };
  }
}

function changeField(dataset: Dataset, change: FieldChange): Changed {
  if (change.kind === 'add-field') return addField(dataset, change);
  const key = keyOfField(dataset, change.field);
  if (key === null) return { reason: `is not a field of ${dataset.name}` };
  const field = dataset.fields[key]!;
  if (field.retired === true) return { reason: 'was retired' };
  switch (change.kind) {
    case 'rename-field':
      return renameField(dataset, key, change.to);
    case 'widen-field':
      return widenField(key, field, change.to);
    case 'make-optional':
      return field.required
        ? { key, field: { ...field, required: false } }
        : { reason: 'is optional already' };
    case 'retire-field':
      return retireField(dataset, key);
    case 'add-values':
      return addValues(key, field, change.values);
  }
}

function addField(dataset: Dataset, { field: key, type, default: given }: ChangeOf<'add-field'>): Changed {
  if (isTaken(dataset, key)) return { reason: `is or was a field of ${dataset.name} already` };
  const field: Field = { ...type, label: type.label ?? key };
  if (given === null)
    return field.required
      ? { reason: 'is required and needs a default, for what is there already' }
      : { key, field };
  const value = checkField(field, given);
  return 'value' in value
    ? { key, field: { ...field, default: value.value } }
    : { reason: `has a default that ${value.reason}` };
}

/** By a field that is there or was, under any of its names, or by one that is computed. */
function isTaken({ fields, computed }: Dataset, name: string): boolean {
  const names = [...Object.entries(fields)].flatMap(([key, field]) => [key, field.name ?? key]);
  return [...names, ...Object.keys(computed)].some((one) => one.toLowerCase() === name.toLowerCase());
}

function renameField(dataset: Dataset, key: string, to: string): Changed {
  const { name, ...field } = dataset.fields[key]!;
  const label = field.label === (name ?? key) ? to : field.label;
  if (to === key) return name === undefined ? sameName(to) : { key, field: { ...field, label } };
  if (isTaken(dataset, to)) return sameName(to);
  return { key, field: { ...field, label, name: to } };
}

function sameName(to: string): Changed {
  return { reason: `cannot be called "${to}": that is or was a field's name` };
}

function retireField(dataset: Dataset, key: string): Changed {
  const reader = Object.entries(dataset.computed).find(([, computed]) => reads(computed, dataset, key));
  if (reader !== undefined) return { reason: `cannot be retired: "${reader[0]}" is worked out from it` };
  return { key, field: { ...dataset.fields[key]!, required: false, retired: true } };
}

/** Whether a computed field looks at another, seen on values of every kind that the dataset has. */
function reads({ compute }: ComputedField, { fields }: Dataset, key: string): boolean {
  let isRead = false;
  const values: Record<string, JsonValue> = {};
  for (const [name, field] of Object.entries(fields)) values[name] = sampleOf(field);
  const watched = new Proxy(values, {
    get(target, name) {
      if (name === key) isRead = true;
      return Reflect.get(target, name) as JsonValue;
    },
  });
  compute(watched);
  return isRead;
}

function sampleOf(type: FieldType): JsonValue {
  switch (type.kind) {
    case 'integer':
      return Math.max(type.min, Math.min(1, type.max));
    case 'decimal':
      return '1';
    case 'boolean':
      return true;
    case 'date':
      return '2026-01-01';
    case 'timestamp':
      return '2026-01-01T00:00:00.000Z';
    case 'enum':
      return type.values[0]!;
    case 'text':
    case 'reference':
      return 'a';
  }
}

function addValues(key: string, field: Field, values: readonly string[]): Changed {
  if (field.kind !== 'enum') return { reason: 'has no list of values' };
  return { key, field: { ...field, values: [...field.values, ...values] } };
}

function widenField(key: string, field: Field, to: ChangeOf<'widen-field'>['to']): Changed {
  const limits = limitsOf(field);
  const strange = Object.keys(to).find((name) => !Object.hasOwn(limits, name));
  if (strange !== undefined) return { reason: `has no ${strange} to be widened` };
  const other = Object.entries(to).filter(([name, value]) => value !== limits[name]);
  const narrower = other.find(([name, value]) => !isWider(name, value!, limits[name]!));
  if (narrower !== undefined)
    return { reason: `already has the ${narrower[0]} ${limits[narrower[0]]}; it can only be widened` };
  if (other.length === 0) return { reason: 'is as wide already' };
  return { key, field: { ...field, ...to } as Field };
}

/** Those that can be widened. */
export function limitsOf(field: Field): Readonly<Record<string, number>> {
  switch (field.kind) {
    case 'text':
      return { maxLength: field.maxLength };
    case 'integer':
      return { min: field.min, max: field.max };
    case 'decimal':
      return { precision: field.precision };
    default:
      return {};
  }
}

export function isWider(name: string, value: number, limit: number): boolean {
  return name === 'min' ? value < limit : value > limit;
}
