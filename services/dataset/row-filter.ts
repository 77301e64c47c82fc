import type { Dataset, FieldType } from '../../domain/datasets/dataset.ts';
import { checkValue } from '../../domain/datasets/field-value.ts';
import { valueFromText } from '../../domain/datasets/from-text.ts';
import { whatBecameOf } from '../../domain/datasets/shown.ts';
import { DomainError } from '../../domain/errors.ts';
import type { RowFilter } from '../../mixins/store/store.ts';

/** Parameters that choose among entities; every field and computed field may be asked for by its value. */
export interface FilterParams {
  readonly office?: string;
  readonly deleted?: RowFilter['deleted'];
  readonly conflicted?: boolean;
  readonly [field: string]: unknown;
}

/** What every dataset takes. Fields stand beside it, and change while the office runs: `rowFilter` looks at them. */
export const FILTER_PARAMS = {
  office: { type: 'string', optional: true },
  deleted: { type: 'enum', values: ['without', 'only', 'with'], optional: true },
  conflicted: { type: 'boolean', convert: true, optional: true },
} as const;
const KNOWN: ReadonlySet<string> = new Set([...Object.keys(FILTER_PARAMS), 'limit', 'after', 'count']);

/** @throws DomainError `invalid-parameters` for what is no field, and when one can never have the value asked for */
export function rowFilter(dataset: Dataset, params: FilterParams): RowFilter {
  const equals: Record<string, string | number | boolean | null> = {};
  const problems: { field: string; reason: string }[] = [];
  const types = typesOf(dataset);
  for (const [name, given] of Object.entries(params)) {
    if (KNOWN.has(name) || given === undefined) continue;
    const field = types.get(name);
    const checked =
      field === undefined
        ? { reason: whatBecameOf(dataset, name) ?? 'is not known here' }
        : valueAskedFor(field.type, given);
    if ('value' in checked) equals[field!.key] = checked.value as string | number | boolean | null;
    else problems.push({ field: name, reason: checked.reason });
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

/** By the names that clients know. */
function typesOf({ fields, computed }: Dataset): Map<string, { key: string; type: FieldType }> {
  const given = Object.entries(fields).filter(([, { retired }]) => retired !== true);
  return new Map([
    ...given.map(([key, type]) => [type.name ?? key, { key, type }] as const),
    ...Object.entries(computed).map(([key, { type }]) => [key, { key, type }] as const),
  ]);
}

/** `?qty=73` arrives as text, a call through the broker may bring the number itself. */
function valueAskedFor(type: FieldType, given: unknown): ReturnType<typeof checkValue> {
  const value = typeof given === 'string' ? valueFromText(type, given) : given;
  return value === null ? { value: null } : checkValue(type, value);
}
