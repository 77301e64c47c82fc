import { EMPTY_CLOCK, includes, mergeClocks, type VectorClock } from '../../domain/clock.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import { ALL_COUNTED, disputedFields } from '../../domain/conflict/detect.ts';
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

/** A power of two, of which statements stay prepared. */
const AT_ONCE = 256;

/** As many as are asked for at a time, where there may be any number. */
export function* partsOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += AT_ONCE) yield all.slice(at, at + AT_ONCE);
}

/** All that a fold needs of the database. */
export type LoadedEntities = Omit<FoldView, 'datasetNamed'>;

type Histories = ReadonlyMap<string, readonly DomainEvent[]>;

/**
 * Locks and loads the entities that are about to be folded, with their open cases: and the history of those, since
 * an event that leaves fewer sides leaves another base.
 */
export async function loadEntities(tx: StoreTx, keys: readonly EntityKey[]): Promise<LoadedEntities> {
  const states = keys.length === 0 ? [] : await tx.lockEntities(keys);
  const disputed = states.filter((state) => disputedFields(state, ALL_COUNTED).length > 0);
  const cases = disputed.length === 0 ? [] : await tx.openCases(disputed.map(entityKeyOf));
  const histories = await loadHistories(tx, cases);
  return {
    entities: byName(states),
    openCases: new Map(cases.map((open) => [entityName(open), open])),
    history: (name) => histories.get(name) ?? [],
  };
}

async function loadHistories(tx: StoreTx, keys: readonly EntityKey[]): Promise<Histories> {
  const histories = new Map<string, DomainEvent[]>();
  for (const part of partsOf(keys)) {
    for (const { event, status } of await tx.eventsOfEntities(part)) {
      if (status !== 'applied') continue;
      const name = entityName(event);
      const known = histories.get(name);
      if (known) known.push(event);
      else histories.set(name, [event]);
    }
  }
  return histories;
}

function byName(states: readonly EntityState[]): Map<string, EntityState> {
  return new Map(states.map((state) => [entityName(state), state]));
}

/** Adds the whole history of those entities on which an incoming event may be concurrent with another. */
export async function withHistory(
  tx: StoreTx,
  view: LoadedEntities,
  incoming: readonly DomainEvent[],
): Promise<LoadedEntities> {
  const histories = await loadHistories(tx, concurrentEntities(view, incoming));
  return { ...view, history: (name) => histories.get(name) ?? view.history(name) };
}

/** Those with an event that has not seen all that is here, or all that comes before it in the run. */
function concurrentEntities(view: LoadedEntities, incoming: readonly DomainEvent[]): EntityKey[] {
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

/** Cases by their ids, those that there are. */
export async function casesNamed(tx: StoreTx, ids: readonly string[]): Promise<Map<string, ConflictCase>> {
  const cases = ids.length === 0 ? [] : await tx.casesById(ids);
  return new Map(cases.map((one) => [one.id, one]));
}

/** Events that wait on these entities, with their bytes decoded. */
export async function loadWaiting(
  tx: StoreTx,
  keys: readonly EntityKey[],
): Promise<Map<string, WaitingEvent[]>> {
  const waiting = new Map<string, WaitingEvent[]>();
  const rows = await tx.waitingOf(keys);
  const stored = new Map(
    (await tx.eventsAt(rows.map(({ position }) => position))).map((row) => [row.position, row]),
  );
  for (const { position, status, ...key } of rows) {
    const event = stored.get(position)?.event;
    if (event === undefined) continue;
    const name = entityName(key);
    const known = waiting.get(name);
    if (known) known.push({ position, status, event });
    else waiting.set(name, [{ position, status, event }]);
  }
  return waiting;
}
