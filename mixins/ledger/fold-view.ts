import { includes } from '../../domain/clock.ts';
import { disputedFields } from '../../domain/conflict/detect.ts';
import { type DomainEvent, type EntityKey, entityKeyOf, entityName } from '../../domain/event.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import type { FoldView } from '../../domain/office/fold.ts';
import type { WaitingEvent } from '../../domain/sync/apply.ts';
import type { StoreTx } from '../store/store.ts';

/** Each key once, in the order in which rows are locked. */
export function distinctKeys(keys: Iterable<EntityKey>): EntityKey[] {
  const byName = new Map<string, EntityKey>();
  for (const key of keys) byName.set(entityName(key), key);
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => entityKeyOf(key));
}

/** Locks and loads the entities that are about to be folded, with their open cases. */
export async function loadEntities(tx: StoreTx, keys: readonly EntityKey[]): Promise<FoldView> {
  const states = keys.length === 0 ? [] : await tx.lockEntities(keys);
  const disputed = states.filter((state) => disputedFields(state).length > 0);
  const cases = disputed.length === 0 ? [] : await tx.openCases(disputed.map(entityKeyOf));
  return {
    entities: byName(states),
    openCases: new Map(cases.map((open) => [entityName(open), open])),
    history: () => [],
  };
}

function byName(states: readonly EntityState[]): Map<string, EntityState> {
  return new Map(states.map((state) => [entityName(state), state]));
}

/** Adds the whole history of those entities on which an incoming event may be concurrent with what is there. */
export async function withHistory(
  tx: StoreTx,
  view: FoldView,
  incoming: readonly DomainEvent[],
): Promise<FoldView> {
  const histories = new Map<string, readonly DomainEvent[]>();
  for (const event of incoming) {
    const name = entityName(event);
    const state = view.entities.get(name);
    if (state === undefined || histories.has(name) || includes(event.clock, state.clock)) continue;
    const rows = await tx.eventsOfEntity(event);
    histories.set(
      name,
      rows.filter((row) => row.status === 'applied').map((row) => row.event),
    );
  }
  return { ...view, history: (name) => histories.get(name) ?? [] };
}

/** Events that wait on these entities, with their bytes decoded. */
export async function loadWaiting(
  tx: StoreTx,
  keys: readonly EntityKey[],
): Promise<Map<string, WaitingEvent[]>> {
  const waiting = new Map<string, WaitingEvent[]>();
  for (const row of await tx.waitingOf(keys)) {
    const stored = await tx.eventAt(row.position);
    if (stored === null) continue;
    const name = entityName(row);
    const event = { position: row.position, status: row.status, event: stored.event };
    waiting.set(name, [...(waiting.get(name) ?? []), event]);
  }
  return waiting;
}
