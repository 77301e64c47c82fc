import type { DatasetRow, FieldType } from '../datasets/dataset.ts';
import { DomainError } from '../errors.ts';

/** What is added up: exact, of any size. */
export type MeasureType =
  | { readonly kind: 'integer' }
  /** Canonical decimal strings, of at most `scale` places. */
  | { readonly kind: 'decimal'; readonly scale: number };

export type Measure = MeasureType & { readonly label: string };
export type KeyField = FieldType & { readonly label: string };

/** What one row of the dataset adds to the one line of the projection that it belongs to. */
export interface Entry {
  /** In the order of `Projection.key`. */
  readonly key: readonly string[];
  /** In the order of `Projection.measures`. */
  readonly adds: readonly (number | string)[];
}

/**
 * A read model, declared once: its tables on every database, its fold, and its description follow from this. Each row
 * of a dataset is entered in at most one line; a line that has no rows any more is gone. What is added can be taken back
 * exactly: so a late event, or a ruling, retracts what it changes. (A largest or a last value could not be taken back.)
 */
export interface Projection {
  /** Also the table's name: `sales_by_day`. */
  readonly name: string;
  readonly label: string;
  /** A higher one is folded anew from the log when the program starts. */
  readonly version: number;
  /** The rows of which dataset it follows. */
  readonly dataset: string;
  readonly key: Readonly<Record<string, KeyField>>;
  /** The measure that counts the rows entered in a line. */
  readonly counter: { readonly name: string; readonly label: string };
  readonly measures: Readonly<Record<string, Measure>>;
  /**
   * Pure. null for a row that is not entered.
   * @throws anything for a row that cannot be: it is set aside in this projection, and reported
   */
  readonly entryOf: (row: DatasetRow) => Entry | null;
}

/** A line of a projection, as people see it: decimals as canonical strings. */
export type ProjectionLine = Readonly<Record<string, string | number>>;

/** The value of a field that an entry cannot do without. */
export function valueOf(row: DatasetRow, field: string): string | number {
  const value = row.values[field];
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new DomainError('value-unknown', `The value of "${field}" is not known`, { field });
}
