import type { DomainEvent } from './event.ts';
import { compareWriters } from './office/entity-state.ts';

/**
 * The events of one entity, causes before effects, in an order that is made of the events alone: that in which they came is
 * another one at every office. Clocks are transitive, so that whoever had seen an event counts more than it.
 */
export function inCausalOrder(events: readonly DomainEvent[]): DomainEvent[] {
  const counted = events.map((event) => ({ event, seen: seenBy(event) }));
  counted.sort((a, b) => a.seen - b.seen || compareWriters(a.event, b.event));
  return counted.map(({ event }) => event);
}

function seenBy({ clock }: DomainEvent): number {
  let sum = 0;
  for (const life in clock) sum += clock[life]!;
  return sum;
}
