import { EMPTY_CLOCK, includes, mergeClocks, type VectorClock } from '../../domain/clock.ts';
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

type Histories = ReadonlyMap<string, readonly DomainEvent[]>;

/**
 * Locks and loads the entities that are about to be folded, with their open cases: and the history of those, since
 * an event that leaves fewer sides leaves another base.
 */
export async function loadEntities(tx: StoreTx, keys: readonly EntityKey[]): Promise<FoldView> {
  const states = keys.length === 0 ? [] : await tx.lockEntities(keys);
  const disputed = states.filter((state) => disputedFields(state).length > 0);
  const cases = disputed.length === 0 ? [] : await tx.openCases(disputed.map(entityKeyOf));
  const histories = await loadHistories(tx, cases);
  return {
    entities: byName(states),
    openCases: new Map(cases.map((open) => [entityName(open), open])),
    history: (name) => histories.get(name) ?? [],
  };
}

async function loadHistories(tx: StoreTx, keys: readonly EntityKey[]): Promise<Histories> {
  const histories = new Map<string, readonly DomainEvent[]>();
  for (const key of keys) {
    const rows = await tx.eventsOfEntity(key);
    const applied = rows.filter((row) => row.status === 'applied').map((row) => row.event);
    histories.set(entityName(key), applied);
  }
  return histories;
}

function byName(states: readonly EntityState[]): Map<string, EntityState> {
  return new Map(states.map((state) => [entityName(state), state]));
}

/** Adds the whole history of those entities on which an incoming event may be concurrent with another. */
export async function withHistory(
  tx: StoreTx,
  view: FoldView,
  incoming: readonly DomainEvent[],
): Promise<FoldView> {
  const histories = await loadHistories(tx, concurrentEntities(view, incoming));
  return { ...view, history: (name) => histories.get(name) ?? view.history(name) };
}

/** Those with an event that has not seen all that is here, or all that comes before it in the run. */
function concurrentEntities(view: FoldView, incoming: readonly DomainEvent[]): EntityKey[] {
  const known = new Map<string, VectorClock>();
  const concurrent = new Map<string, EntityKey>();
  for (const event of incoming) {
    const name = entityName(event);
    const clock = known.get(name) ?? view.entities.get(name)?.clock ?? EMPTY_CLOCK;
    if (!includes(event.clock, clock) && !view.openCases.has(name)) concurrent.set(name, entityKeyOf(event));
    known.set(name, mergeClocks(clock, event.clock));
  }
  return [...concurrent.values()];
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
