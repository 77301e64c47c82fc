import { compareText, type EntityKey, entityName } from '../../../domain/event.ts';
import type { Lookup, SqlValue } from '../sql.ts';

export const ENTITY_KEY: Lookup['key'] = [
  { name: 'dataset', kind: 'text' },
  { name: 'scope', kind: 'text' },
  { name: 'entity_id', kind: 'text' },
];

export function compareKeys(a: EntityKey, b: EntityKey): number {
  return (
    compareText(a.dataset, b.dataset) || compareText(a.scope, b.scope) || compareText(a.entityId, b.entityId)
  );
}

/** Each key once, in key order: the order in which rows are locked. */
export function inKeyOrder<T extends EntityKey>(keys: readonly T[]): T[] {
  if (keys.length < 2) return [...keys];
  return [...new Map(keys.map((key) => [entityName(key), key])).values()].sort(compareKeys);
}

export function distinctKeys(keys: readonly EntityKey[]): SqlValue[][] {
  return inKeyOrder(keys).map(({ dataset, scope, entityId }) => [dataset, scope, entityId]);
}
