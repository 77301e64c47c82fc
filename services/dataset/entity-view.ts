import type { Dataset, DatasetRow, FieldType } from '../../domain/datasets/dataset.ts';
import { shownName } from '../../domain/datasets/shown.ts';
import { showDecimal } from '../../domain/decimal.ts';
import type { JsonValue } from '../../domain/event.ts';

/** An entity as clients see it: flat, money as text with at least 2 places. */
export type EntityView = Readonly<Record<string, JsonValue>>;

const MIN_MONEY_PLACES = 2;

export function viewEntity(dataset: Dataset, row: DatasetRow): EntityView {
  const view: Record<string, JsonValue> = { id: row.entityId };
  for (const [key, field] of Object.entries(dataset.fields))
    if (field.retired !== true) view[field.name ?? key] = shown(field, row.values[key]);
  for (const name of Object.keys(dataset.computed))
    view[name] = shown(dataset.computed[name]!.type, row.values[name]);
  view['office'] = row.scope;
  view['createdAt'] = row.createdAt;
  view['updatedAt'] = row.updatedAt;
  view['deletedAt'] = row.deletedAt;
  view['conflicted'] = row.conflicted;
  return view;
}

export function shown({ kind }: FieldType, value: JsonValue | undefined): JsonValue {
  if (kind === 'decimal' && typeof value === 'string') return showDecimal(value, MIN_MONEY_PLACES);
  return value ?? null;
}

/** Money inside other evidence (sides of a conflict), under the names that its fields have now. */
export function shownValues(
  dataset: Dataset,
  values: Readonly<Record<string, JsonValue>>,
): Record<string, JsonValue> {
  const typeOf = (name: string) => dataset.fields[name] ?? dataset.computed[name]?.type;
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const type = typeOf(key);
      return [shownName(dataset, key), type === undefined ? value : shown(type, value)];
    }),
  );
}
