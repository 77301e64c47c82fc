import type { Dataset, Field, FieldType } from '../../../domain/datasets/dataset.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/event.ts';
import type { Column, ColumnKind, Table } from '../table.ts';

/** A column that shows a field of the dataset. */
export interface FieldColumn extends Column {
  readonly field: string;
  readonly type: FieldType;
  /** Shown where nobody ever wrote the field. */
  readonly default?: JsonValue;
}

/** The table of a dataset, worked out from its declaration: nothing about it is written anywhere else. */
export interface DatasetTable {
  readonly dataset: Dataset;
  /** Key, state, fields, dates and flags, in the order in which values are written. */
  readonly table: Table;
  readonly fields: readonly FieldColumn[];
}

const FIXED_TABLES = new Set([
  'conflict_case',
  'digest',
  'displaced_event',
  'entity',
  'event',
  'late',
  'log',
  'migration',
  'office',
  'process',
  'projection',
  'projection_failure',
  'waiting',
]);

const BEFORE: readonly Column[] = [
  { name: 'scope', kind: 'text' },
  { name: 'entity_id', kind: 'text' },
  { name: 'entity_state', kind: 'text' },
];
const BEHIND: readonly Column[] = [
  { name: 'created_at', kind: 'timestamp' },
  { name: 'updated_at', kind: 'timestamp' },
  { name: 'deleted_at', kind: 'timestamp' },
  { name: 'conflicted', kind: 'boolean' },
];
const OWN_NAMES = new Set([...BEFORE, ...BEHIND].map(({ name }) => name));

/** @throws DomainError `invalid-dataset` when a name is taken */
export function datasetTable(dataset: Dataset): DatasetTable {
  const types: (readonly [string, FieldType & Pick<Field, 'default'>])[] = [
    ...Object.entries(dataset.fields),
    ...Object.entries(dataset.computed).map(([name, { type }]) => [name, type] as const),
  ];
  const fields = types.map(([field, type]) => fieldColumn(field, type));
  const taken = fields.find(({ name }) => OWN_NAMES.has(name));
  if (taken) throw nameTaken(dataset, `the column "${taken.name}" is in every table`);
  if (FIXED_TABLES.has(dataset.name)) throw nameTaken(dataset, 'the store has a table of this name');
  const columns = [...BEFORE, ...fields, ...BEHIND];
  return { dataset, fields, table: { name: dataset.name, key: ['scope', 'entity_id'], columns } };
}

function nameTaken({ name }: Dataset, problem: string): DomainError {
  return new DomainError('invalid-dataset', `The dataset "${name}" cannot be stored: ${problem}`, {
    problems: [problem],
  });
}

function fieldColumn(field: string, type: FieldType & Pick<Field, 'default'>): FieldColumn {
  const name = snakeCase(field);
  const shown = type.default === undefined ? {} : { default: type.default };
  const column = { field, type, name, kind: kindOf(type), ...shown };
  return type.kind === 'decimal' ? { ...column, scale: type.scale } : column;
}

/** `soldOn` becomes `sold_on`: databases fold the case of names. */
function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function kindOf(type: FieldType): ColumnKind {
  return type.kind === 'enum' || type.kind === 'reference' ? 'text' : type.kind;
}
