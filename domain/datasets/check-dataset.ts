import { FIELD_POLICIES } from '../conflict/policy.ts';
import { DomainError } from '../errors.ts';
import { MAX_DIGITS, MAX_WHOLE_DIGITS } from '../decimal.ts';
import type { Dataset, FieldType } from './dataset.ts';

const DATASET_NAME = /^[a-z][a-z0-9_]{0,31}$/;
const NOUN = /^[A-Z][A-Za-z]{0,31}$/;
const FIELD_NAME = /^[a-z][A-Za-z0-9]{0,31}$/;
/** Of tables and views that stand beside those of datasets, or belong to the database. */
const BESIDE_TABLES = /__|^sqlite_|^pg_|_view$/;
/** Names of a row that are not its dataset's own. */
const RESERVED = new Set([
  'id',
  'office',
  'scope',
  'entityId',
  'createdAt',
  'updatedAt',
  'deletedAt',
  'conflicted',
  // Parameters of lists.
  'after',
  'count',
  'deleted',
  'limit',
  // Columns that databases have in every table.
  ...['cmax', 'cmin', 'ctid', 'oid', 'rowid', 'tableoid', 'xmax', 'xmin'],
]);
/** What the interface of an office has under these names is something else. */
const TAKEN = new Set([
  ...[
    'case_notes',
    'conflicts',
    'datasets',
    'digest',
    'discards',
    'events',
    'gateway',
    'health',
    'hub',
    'incidents',
  ],
  ...['log', 'metrics', 'offices', 'page', 'projections', 'quarantine', 'sync'],
  ...['demo', 'doctor', 'export', 'help', 'import', 'migrate', 'repl', 'start', 'verify'],
]);
const MAX_ENUM_LENGTH = 100;

export function isDatasetName(name: string): boolean {
  return DATASET_NAME.test(name);
}

/**
 * Refuses a wrong declaration when the program starts, with everything that is wrong with it.
 * @throws DomainError `invalid-dataset`
 */
export function checkDataset(dataset: Dataset): void {
  const problems = [...flawsOfNames(dataset), ...flawsOfFields(dataset), ...flawsOfPolicies(dataset)];
  if (problems.length === 0) return;
  const message = `The dataset "${dataset.name}" is declared wrongly: ${problems.join('; ')}`;
  throw new DomainError('invalid-dataset', message, { problems });
}

function flawsOfNames({ name, noun, scope, version, fields, computed }: Dataset): string[] {
  const problems: string[] = [];
  if (scope !== 'office' && scope !== 'shared') problems.push('its scope must be office or shared');
  if (!DATASET_NAME.test(name)) problems.push(`its name must match ${DATASET_NAME.source}`);
  if (BESIDE_TABLES.test(name))
    problems.push(
      'its name must not hold __, begin with sqlite_ or pg_, or end in _view: such tables stand beside others',
    );
  if (TAKEN.has(name)) problems.push(`its name must not be "${name}", which is something else already`);
  if (!NOUN.test(noun)) problems.push(`its noun must match ${NOUN.source}`);
  if (!Number.isSafeInteger(version) || version < 1)
    problems.push('its version must be a whole number from 1');
  if (Object.keys(fields).length === 0) problems.push('it has no fields');
  const renamed = Object.values(fields).flatMap(({ name: shown }) => shown ?? []);
  for (const field of [...Object.keys(fields), ...renamed, ...Object.keys(computed)]) {
    if (!FIELD_NAME.test(field)) problems.push(`"${field}" must match ${FIELD_NAME.source}`);
    if (RESERVED.has(field) || field in {}) problems.push(`"${field}" is a name that every row has already`);
  }
  // Columns are the names in snake case, and databases do not tell upper from lower case.
  const twice = twiceIn(
    [...Object.keys(fields), ...renamed, ...Object.keys(computed)].map((field) => field.toLowerCase()),
  );
  return [...problems, ...twice.map((field) => `"${field}" is declared twice`)];
}

function twiceIn(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

function flawsOfFields({ fields, computed }: Dataset): string[] {
  const types: [string, FieldType][] = [
    ...Object.entries(fields),
    ...Object.entries(computed).map(([name, { type }]): [string, FieldType] => [name, type]),
  ];
  return types.flatMap(([name, type]) => {
    const flaw = flawOfType(type);
    return flaw === null ? [] : [`"${name}" ${flaw}`];
  });
}

function flawOfType(type: FieldType): string | null {
  switch (type.kind) {
    case 'text':
      return isCount(type.maxLength) ? null : 'needs a maxLength from 1';
    case 'integer':
      return areOrdered(type.min, type.max) ? null : 'needs a min and a max, safe integers in order';
    case 'decimal':
      return flawOfDecimal(type);
    case 'enum':
      return flawOfEnum(type.values);
    case 'reference':
      return DATASET_NAME.test(type.dataset) ? null : 'must name a dataset';
    case 'date':
    case 'timestamp':
    case 'boolean':
      return null;
    default:
      return 'is of no known kind';
  }
}

function flawOfDecimal({ precision, scale }: { precision: number; scale: number }): string | null {
  const wholeDigits = precision - scale;
  const isKept = isCount(precision) && precision <= MAX_DIGITS && Number.isSafeInteger(scale) && scale >= 0;
  if (isKept && wholeDigits >= 1 && wholeDigits <= MAX_WHOLE_DIGITS) return null;
  return `needs a precision up to ${MAX_DIGITS} and 1 to ${MAX_WHOLE_DIGITS} digits before the point`;
}

function flawOfEnum(values: readonly string[]): string | null {
  if (values.length === 0 || twiceIn(values).length > 0) return 'needs values that differ';
  const isShort = values.every((value) => value !== '' && value.length <= MAX_ENUM_LENGTH);
  return isShort ? null : `needs values of 1 to ${MAX_ENUM_LENGTH} characters`;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

function areOrdered(min: number, max: number): boolean {
  return Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max;
}

function flawsOfPolicies({ fields, policies }: Dataset): string[] {
  const problems: string[] = [];
  if (!isCount(policies.version)) problems.push('its policies need a version from 1');
  for (const [name, policy] of [...Object.entries(policies.fields), ['default', policies.default] as const]) {
    if (name !== 'default' && !Object.hasOwn(fields, name))
      problems.push(`a policy names "${name}", which is no field`);
    else if (policy === 'add' && !isNumeric(fields[name])) problems.push(`"${name}" cannot be added up`);
  }
  for (const { name } of policies.custom ?? [])
    if (FIELD_POLICIES.some((policy) => policy === name))
      problems.push(`a custom policy must not be called "${name}"`);
  return problems;
}

function isNumeric(type: FieldType | undefined): boolean {
  return type?.kind === 'integer' || type?.kind === 'decimal';
}
