import type { Dataset, FieldType } from '../../domain/datasets/dataset.ts';
import { checkValue } from '../../domain/datasets/field-value.ts';
import { valueFromText } from '../../domain/datasets/from-text.ts';
import { DomainError } from '../../domain/errors.ts';
import type { RowFilter } from '../../mixins/store/store.ts';

/** Parameters that choose among entities; every field and computed field may be asked for by its value. */
export interface FilterParams {
  readonly office?: string;
  readonly deleted?: RowFilter['deleted'];
  readonly conflicted?: boolean;
  readonly [field: string]: unknown;
}

export function filterParams(dataset: Dataset): Record<string, object> {
  const fields = Object.keys({ ...dataset.fields, ...dataset.computed });
  return {
    ...Object.fromEntries(fields.map((field) => [field, { type: 'any', optional: true }])),
    office: { type: 'string', optional: true },
    deleted: { type: 'enum', values: ['without', 'only', 'with'], optional: true },
    conflicted: { type: 'boolean', convert: true, optional: true },
  };
}

/** @throws DomainError `invalid-parameters` when a field can never have the value asked for */
export function rowFilter(dataset: Dataset, params: FilterParams): RowFilter {
  const equals: Record<string, string | number | boolean | null> = {};
  const problems: { field: string; reason: string }[] = [];
  for (const [field, type] of typesOf(dataset)) {
    if (params[field] === undefined) continue;
    const checked = valueAskedFor(type, params[field]);
    if ('value' in checked) equals[field] = checked.value as string | number | boolean | null;
    else problems.push({ field, reason: checked.reason });
  }
  if (problems.length > 0) throw invalidParameters(problems);
  return {
    deleted: params.deleted ?? 'without',
    ...(params.office === undefined ? {} : { scope: params.office }),
    ...(params.conflicted === undefined ? {} : { conflicted: params.conflicted }),
    ...(Object.keys(equals).length === 0 ? {} : { equals }),
  };
}

export function invalidParameters(problems: readonly { field: string; reason: string }[]): DomainError {
  const sentences = problems.map(({ field, reason }) => `${field} ${reason}`);
  return new DomainError('invalid-parameters', sentences.join('; '), { problems });
}

function typesOf({ fields, computed }: Dataset): [string, FieldType][] {
  return [
    ...Object.entries(fields),
    ...Object.entries(computed).map(([name, { type }]): [string, FieldType] => [name, type]),
  ];
}

/** `?qty=73` arrives as text, a call through the broker may bring the number itself. */
function valueAskedFor(type: FieldType, given: unknown): ReturnType<typeof checkValue> {
  const value = typeof given === 'string' ? valueFromText(type, given) : given;
  return value === null ? { value: null } : checkValue(type, value);
}
