/** How a column's values are bound. */
export type ColumnKind = 'integer' | 'text' | 'bytes' | 'boolean' | 'decimal' | 'date' | 'timestamp';

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Digits after the point: of a decimal. */
  readonly scale?: number;
}

/** A table as rows are written to it: column order is value order. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
}

export function table(
  name: string,
  key: readonly string[],
  columns: Readonly<Record<string, ColumnKind>>,
): Table {
  return { name, key, columns: Object.entries(columns).map(([column, kind]) => ({ name: column, kind })) };
}

/** Names are ours or checked (`assertName`), so quoting is all they need. */
export function quoted(name: string): string {
  return `"${name}"`;
}

export function columnList(of: Table): string {
  return of.columns.map((column) => quoted(column.name)).join(', ');
}
