import { DomainError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../event.ts';
import { STATUS_FIELD } from '../office/entity-state.ts';
import type { Dataset, Field } from './dataset.ts';
import { checkValue, isCanonicalValue, type Checked } from './field-value.ts';

const RETIRED: Checked = { reason: 'was retired' };

export interface Problem {
  readonly field: string;
  /** Completes a sentence that begins with the field's name. */
  readonly reason: string;
}

/** `record`: every field, the missing optional ones as null. `amend`: only those that are given. */
export type ValidationMode = 'record' | 'amend';

/**
 * Turns what a client sends into the values that an event carries.
 * @throws DomainError `invalid-input`, whose data.problems lists everything that is wrong at once
 */
export function validateFields(
  dataset: Dataset,
  input: Readonly<Record<string, unknown>>,
  mode: ValidationMode,
): JsonObject {
  const problems = unknownFields(dataset, input);
  const values: Record<string, JsonValue> = {};
  for (const [name, field] of Object.entries(dataset.fields)) {
    const given = Object.hasOwn(input, name) ? input[name] : undefined;
    if (given === undefined && mode === 'amend') continue;
    if (field.retired === true && given === undefined) continue;
    const checked =
      field.retired === true ? RETIRED : checkField(field, given === undefined ? field.default : given);
    if ('value' in checked) values[name] = checked.value;
    else problems.push({ field: field.name ?? name, reason: checked.reason });
  }
  refuseIfAny(problems, dataset);
  return values;
}

export function refuseIfAny(problems: readonly Problem[], dataset: Dataset): void {
  if (problems.length === 0) return;
  const sentences = problems.map(({ field, reason }) => `${field} ${reason}`).join('; ');
  throw new DomainError('invalid-input', `Not acceptable for ${dataset.name}: ${sentences}`, { problems });
}

export function checkField(field: Field, given: unknown): Checked {
  if (given === undefined || given === null)
    return field.required ? { reason: 'is required' } : { value: null };
  if (given === '' && field.required && field.kind === 'text') return { reason: 'must not be empty' };
  return checkValue(field, given);
}

/**
 * Why data of any origin cannot be written to a dataset's fields, or null. Stricter than `validateFields`: every
 * value must already be in the one form that all offices and databases hold. What is required is asked of whoever writes:
 * an event may be older than that, or than the field.
 */
export function flawOfData(dataset: Dataset, data: JsonObject): string | null {
  for (const [name, value] of Object.entries(data)) {
    const field = Object.hasOwn(dataset.fields, name) ? dataset.fields[name]! : null;
    if (field === null) return `${name} is not a field of ${dataset.name}`;
    const isFine = value === null || isCanonicalValue(field, value);
    if (!isFine) return `${name} has no value that ${dataset.name} can hold`;
  }
  return null;
}

/** The first field of the data that the dataset has not got, in whatever version this office knows it. */
export function unknownFieldOf({ fields }: Dataset, data: JsonObject): string | null {
  return Object.keys(data).find((name) => !Object.hasOwn(fields, name) && name !== STATUS_FIELD) ?? null;
}

/** The same for what a ruling writes, where `$status` stands beside the fields. */
export function flawOfWrites(dataset: Dataset, writes: JsonObject): string | null {
  const { [STATUS_FIELD]: status, ...fields } = writes;
  if (status !== undefined && status !== 'live' && status !== 'voided') return `${STATUS_FIELD} is no status`;
  return flawOfData(dataset, fields);
}

function unknownFields(dataset: Dataset, input: Readonly<Record<string, unknown>>): Problem[] {
  return Object.keys(input)
    .filter((name) => !Object.hasOwn(dataset.fields, name))
    .map((field) => ({ field, reason: reasonOfUnknown(dataset, field) }));
}

function reasonOfUnknown(dataset: Dataset, field: string): string {
  return Object.hasOwn(dataset.computed, field)
    ? 'is computed and cannot be set'
    : `is not a field of ${dataset.name}`;
}
