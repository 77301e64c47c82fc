import type { Dataset, DatasetRow, FieldType } from '../../domain/datasets/dataset.ts';
import { showDecimal } from '../../domain/decimal.ts';
import type { JsonValue } from '../../domain/event.ts';

/** An entity as clients see it: flat, money as text with at least 2 places. */
export type EntityView = Readonly<Record<string, JsonValue>>;

const MIN_MONEY_PLACES = 2;

export function viewEntity(dataset: Dataset, row: DatasetRow): EntityView {
  const view: Record<string, JsonValue> = { id: row.entityId };
  for (const name of Object.keys(dataset.fields)) view[name] = shown(dataset.fields[name]!, row.values[name]);
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

/** Money inside other evidence (events, sides of a conflict), by the names of its fields. */
export function shownValues(
  dataset: Dataset,
  values: Readonly<Record<string, JsonValue>>,
): Record<string, JsonValue> {
  const typeOf = (name: string) => dataset.fields[name] ?? dataset.computed[name]?.type;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const type = typeOf(name);
      return [name, type === undefined ? value : shown(type, value)];
    }),
  );
}
