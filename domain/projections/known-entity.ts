import { inCausalOrder } from '../causal-order.ts';
import { includes } from '../clock.ts';
import type { Dataset, DatasetRow } from '../datasets/dataset.ts';
import type { DomainEvent } from '../event.ts';
import type { EntityState } from '../office/entity-state.ts';
import { evolve } from '../office/evolve.ts';
import { presentRow } from '../office/present.ts';

/** An entity as it was known at some moment. */
export interface KnownEntity {
  readonly state: EntityState;
  readonly row: DatasetRow;
}

/** null when nothing was known of it. */
export function knownEntity(dataset: Dataset, events: readonly DomainEvent[]): KnownEntity | null {
  const state = foldKnown(events);
  return state === null ? null : { state, row: presentRow(dataset, state) };
}

/**
 * Folds the events of one entity. Nearly always each has seen all before it, and the order of position is the only one
 * there is. Otherwise the order is made of the events alone: that in which they came is another one at every office.
 */
export function foldKnown(events: readonly DomainEvent[]): EntityState | null {
  let state: EntityState | null = null;
  for (const event of events) {
    if (state !== null && !includes(event.clock, state.clock))
      return inCausalOrder(events).reduce<EntityState | null>(evolve, null);
    state = evolve(state, event);
  }
  return state;
}
