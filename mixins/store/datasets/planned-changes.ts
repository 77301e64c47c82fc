import type { Dataset } from '../../../domain/datasets/dataset.ts';
import { MAX_DIGITS } from '../../../domain/decimal.ts';
import type { Family } from '../sql.ts';
import { columnType, textsOf } from './dataset-ddl.ts';
import { datasetTable, type FieldColumn } from './dataset-table.ts';
import { changesOf, type ColumnTypes } from './table-changes.ts';

const COLLATIONS: Readonly<Record<Family, string>> = {
  sqlite: '',
  postgresql: '',
  mariadb: 'utf8mb4_nopad_bin',
  mysql: 'utf8mb4_0900_bin',
};

/**
 * What a database of the family runs to take a dataset from one shape to another, where its table was made by this program;
 * null for none before. One of an older program may have to be rebuilt first: see `evolveTable`.
 * @throws DomainError `invalid-dataset`
 */
export function plannedStatements(before: Dataset | null, after: Dataset, family: Family): string[] {
  const existing = before === null ? new Map<string, string>() : columnsAsMade(before, family);
  return changesOf(datasetTable(after), existing, family, COLLATIONS[family]).map(({ ways }) => ways[0]!);
}

/** As a look at such a table tells. */
function columnsAsMade(dataset: Dataset, family: Family): ColumnTypes {
  const { table, fields } = datasetTable(dataset);
  const own = table.columns.map(({ name }) => [name, ''] as const);
  const typeOf = (field: FieldColumn): string =>
    field.type.kind === 'decimal'
      ? `decimal(${MAX_DIGITS},${field.type.scale})`
      : columnType(field, family, textsOf(fields, field));
  return new Map([...own, ...fields.map((field) => [field.name, typeOf(field)] as const)]);
}
