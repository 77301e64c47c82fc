import { DISCARDS } from '../datasets/event-types.ts';
import { DomainError } from '../errors.ts';
import { type DomainEvent, type Dot, dotName, dotNamed, type EntityKey, type OfficeId } from '../event.ts';
import type { EntityChange } from './fold.ts';

/**
 * The head discards an event that waits, and never will be applied, by an event of its own (docs/adr/0011). It names
 * the dot by its entity id, and lies where the feed brings it to all who hold the event: in its author's scope. The
 * head's own events, which come back to it after a restore, reach others by their own scope.
 */
export function discardKeyOf(event: Pick<DomainEvent, keyof Dot | 'scope'>, headOffice: OfficeId): EntityKey {
  const scope = event.office === headOffice ? event.scope : event.office;
  return { dataset: DISCARDS, scope, entityId: dotName(event) };
}

/** The events that are discarded by what has just been folded. */
export function newlyDiscarded(changes: readonly EntityChange[]): Dot[] {
  return changes.flatMap(({ before, after }) => {
    const dot = after.dataset === DISCARDS && before === null ? dotNamed(after.entityId) : null;
    return dot === null ? [] : [dot];
  });
}

/** How an event stands that somebody wants to be judged again or discarded; null when it is not held. */
export type Standing = 'applied' | 'parked' | 'quarantined' | 'discarded' | null;

/** @throws DomainError `unknown-event`, `event-applied`, `event-discarded` */
export function assertWaits(dot: string, standing: Standing): void {
  if (standing === 'parked' || standing === 'quarantined') return;
  throw notWaiting(dot, standing);
}

function notWaiting(dot: string, standing: 'applied' | 'discarded' | null): DomainError {
  switch (standing) {
    case null:
      return new DomainError('unknown-event', `This office holds no event ${dot}`, { event: dot });
    case 'applied': {
      const message = `The event ${dot} is applied and waits for nothing; to undo it, change what it changed`;
      return new DomainError('event-applied', message, { event: dot });
    }
    case 'discarded':
      return new DomainError('event-discarded', `The event ${dot} is discarded already, for good`, {
        event: dot,
      });
  }
}
