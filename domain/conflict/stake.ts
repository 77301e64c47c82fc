import type { Dataset, FieldType } from '../datasets/dataset.ts';
import { compareDecimals, type Decimal, subtractDecimals } from '../decimal.ts';
import type { JsonValue } from '../event.ts';
import { STATUS_FIELD, type EntityState } from '../office/entity-state.ts';
import { fieldValues } from '../office/present.ts';
import type { ConflictCase, Contender } from './case.ts';

type Values = Readonly<Record<string, JsonValue>>;

/** The case with what is at stake in it. That of a settled case is what it was about, and stays. */
export function withStake(conflict: ConflictCase, dataset: Dataset | null, state: EntityState): ConflictCase {
  if (dataset === null || (conflict.status === 'settled' && conflict.atStake !== undefined)) return conflict;
  return { ...conflict, atStake: stakeOf(conflict, dataset, fieldValues(dataset, state)) };
}

/**
 * The money in dispute: the largest difference that it makes to any decimal field, disputed or computed, which side
 * stands. Voided, a computed field counts as nothing. Null where no side has such a number.
 */
export function stakeOf(conflict: ConflictCase, dataset: Dataset, shown: Values): Decimal | null {
  const sides = conflict.contenders.map((side) => decimalsOf(side, conflict, dataset, shown));
  const fields = [...new Set(sides.flatMap((side) => [...side.keys()]))];
  const differences = fields.map((field) => spread(sides.flatMap((side) => side.get(field) ?? [])));
  return largest(differences);
}

/** What would be there if a side stood. */
function decimalsOf(
  side: Contender,
  { fields, base }: ConflictCase,
  dataset: Dataset,
  shown: Values,
): Map<string, Decimal> {
  const values: Values = { ...shown, ...base, ...side.values };
  const isVoided = fields.includes(STATUS_FIELD) && side.values[STATUS_FIELD] === 'voided';
  return moneyOf(dataset, fields, values, isVoided);
}

/** Of some fields and all computed ones, those that are money. Voided, nothing comes of it. */
export function moneyOf(
  dataset: Dataset,
  fields: readonly string[],
  values: Values,
  isVoided: boolean,
): Map<string, Decimal> {
  const decimals = new Map<string, Decimal>();
  for (const field of fields) {
    const type = Object.hasOwn(dataset.fields, field) ? dataset.fields[field] : undefined;
    if (isMoney(type, values[field])) decimals.set(field, values[field]);
  }
  for (const [field, { type, compute }] of Object.entries(dataset.computed)) {
    const value = isVoided ? '0' : compute(values);
    if (isMoney(type, value)) decimals.set(field, value);
  }
  return decimals;
}

function isMoney(type: FieldType | undefined, value: JsonValue | undefined): value is Decimal {
  return type?.kind === 'decimal' && typeof value === 'string';
}

function spread(values: readonly Decimal[]): Decimal {
  const sorted = values.toSorted(compareDecimals);
  return subtractDecimals(sorted.at(-1)!, sorted[0]!);
}

function largest(values: readonly Decimal[]): Decimal | null {
  return values.toSorted(compareDecimals).at(-1) ?? null;
}
