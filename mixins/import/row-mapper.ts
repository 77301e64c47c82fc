import type { Dataset, Field } from '../../domain/datasets/dataset.ts';
import { valueFromText } from '../../domain/datasets/from-text.ts';
import { DomainError } from '../../domain/errors.ts';
import { badCell, type CellOf, type Expression, parseExpression, toDecimal } from './expression.ts';
import { type DateOrder, isoDate } from './sheet-date.ts';

export interface Mapping {
  /** Field -> expression. A field that is not named takes the column of its own name, if there is one. */
  readonly fields: Readonly<Record<string, string>>;
  /** Column -> the text that a line must have there; the others are passed over. */
  readonly where: Readonly<Record<string, string>>;
  readonly dates: DateOrder;
  /** Whether numbers that do not come out exactly are rounded (half away from zero) instead of refused. */
  readonly round: boolean;
}

export type Line = Readonly<Record<string, string>>;
export type Mapped = Readonly<Record<string, unknown>>;

/** Makes fields of lines; the heading is known when it is made, so that a wrong name is found before the first line. */
export class RowMapper {
  readonly #fields: readonly (readonly [string, Field, Expression])[];
  readonly #mapping: Mapping;

  /** @throws DomainError `invalid-expression`, `invalid-mapping` */
  constructor(dataset: Dataset, mapping: Mapping, columns: readonly string[]) {
    this.#mapping = mapping;
    this.#fields = mappedFields(dataset, mapping, columns);
    for (const column of Object.keys(mapping.where)) parseExpression(`[${column}]`, columns);
  }

  isWanted(line: Line): boolean {
    return Object.entries(this.#mapping.where).every(([column, text]) => line[column] === text);
  }

  /** @throws DomainError `bad-cell`, which says which field could not be made and why */
  map(line: Line): Mapped {
    const cellOf: CellOf = (column) => line[column] ?? '';
    const mapped: Record<string, unknown> = {};
    for (const [name, field, expression] of this.#fields)
      mapped[name] = this.#value(name, field, expression, cellOf);
    return mapped;
  }

  #value(name: string, field: Field, expression: Expression, cellOf: CellOf): unknown {
    try {
      return valueFromText(field, this.#text(field, expression, cellOf));
    } catch (error) {
      throw error instanceof DomainError ? badCell(`${name} ${error.message}`) : error;
    }
  }

  #text(field: Field, expression: Expression, cellOf: CellOf): string {
    switch (expression.kind) {
      case 'column':
        return field.kind === 'date'
          ? isoDate(cellOf(expression.column), this.#mapping.dates)
          : cellOf(expression.column);
      case 'text':
        return expression.text;
      case 'number': {
        const scale = scaleOf(field);
        const number = toDecimal(expression.evaluate(cellOf), scale, this.#mapping.round);
        if (number === null)
          throw badCell(`does not come out exactly within ${scale} decimals; --round rounds it`);
        return number;
      }
    }
  }
}

function scaleOf(field: Field): number {
  if (field.kind === 'decimal') return field.scale;
  return field.kind === 'integer' ? 0 : 4;
}

function mappedFields({ name: dataset, fields }: Dataset, mapping: Mapping, columns: readonly string[]) {
  const strange = Object.keys(mapping.fields).filter((name) => !Object.hasOwn(fields, name));
  const missing = Object.keys(fields).filter(
    (name) => fields[name]!.required && mapping.fields[name] === undefined && !columns.includes(name),
  );
  if (strange.length > 0) throw invalidMapping(`${dataset} has no field ${strange.join(', ')}`);
  if (missing.length > 0)
    throw invalidMapping(`nothing is said about ${missing.join(', ')}; use --map FIELD=COLUMN`);
  return Object.entries(fields)
    .filter(([name]) => mapping.fields[name] !== undefined || columns.includes(name))
    .map(
      ([name, field]) =>
        [name, field, parseExpression(mapping.fields[name] ?? `[${name}]`, columns)] as const,
    );
}

export function invalidMapping(reason: string): DomainError {
  return new DomainError('invalid-mapping', `The columns cannot be mapped: ${reason}`, { reason });
}
