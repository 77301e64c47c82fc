import { hasCauses, lifeOf, seenToo, type VectorClock } from '../../domain/clock.ts';
import { DISCARDS } from '../../domain/datasets/event-types.ts';
import { type DomainEvent, type EntityKey, entityKeyOf, entityName } from '../../domain/event.ts';
import { discardKeyOf } from '../../domain/office/discard.ts';
import type { FoldView } from '../../domain/office/fold.ts';
import type { StoreTx } from '../store/store.ts';
import { distinctKeys, partsOf } from './fold-view.ts';

/** Of these events, the names of those that the head has discarded. Costs one question where nothing was. */
export async function discardedAmong(
  tx: StoreTx,
  headOffice: string,
  events: readonly DomainEvent[],
): Promise<Set<string>> {
  const keys = events.map((event) => discardKeyOf(event, headOffice));
  const scopes = [...new Set(keys.map(({ scope }) => scope))].map((scope) => ({ dataset: DISCARDS, scope }));
  const digests = scopes.length === 0 ? [] : await tx.digestsOf(scopes);
  const hasSome = new Set(digests.filter(({ count }) => count > 0).map(({ scope }) => scope));
  const discarded = new Set<string>();
  for (const part of partsOf(distinctKeys(keys.filter(({ scope }) => hasSome.has(scope))))) {
    for (const { entityId } of await tx.lockEntities(part)) discarded.add(entityId);
  }
  return discarded;
}

/** Of the entities on which causes seem to be missing: what was discarded there, and so counts as seen. */
export async function loadSetAside(
  tx: StoreTx,
  view: FoldView,
  incoming: readonly DomainEvent[],
): Promise<Map<string, VectorClock>> {
  const setAside = new Map<string, VectorClock>();
  for (const part of partsOf(entitiesLackingCauses(view, incoming))) {
    for (const { event, status } of await tx.eventsOfEntities(part)) {
      if (status !== 'discarded') continue;
      const name = entityName(event);
      setAside.set(name, seenToo(setAside.get(name) ?? {}, event));
    }
  }
  return setAside;
}

function entitiesLackingCauses(view: FoldView, incoming: readonly DomainEvent[]): EntityKey[] {
  const known = new Map<string, VectorClock>();
  const lacking: EntityKey[] = [];
  for (const event of incoming) {
    const name = entityName(event);
    const clock = known.get(name) ?? view.entities.get(name)?.clock ?? {};
    if (!hasCauses(clock, event)) lacking.push(entityKeyOf(event));
    known.set(name, { ...clock, [lifeOf(event)]: event.seq });
  }
  return distinctKeys(lacking);
}
