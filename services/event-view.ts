import { toHex } from '../domain/chain.ts';
import type { DomainEvent } from '../domain/event.ts';
import type { EventRow } from '../mixins/store/store.ts';

/** An event as clients see it: as it is in the log, with its place in this database. */
export interface EventView extends DomainEvent {
  readonly position: number;
  readonly status: EventRow['status'];
  /** Of the author's chain, up to and with this event; hexadecimal. */
  readonly hash: string;
}

/** One that waits, and why. */
export interface WaitingView extends EventView {
  /** Stable: `cause-missing`, `version-unknown`, `not-allowed`, ... */
  readonly reason: string;
  readonly detail: string;
  readonly since: string;
}

export function viewEvent({ position, status, event, hash }: EventRow): EventView {
  return { position, status, ...event, hash: toHex(hash) };
}
