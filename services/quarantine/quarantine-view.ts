import { type DomainEvent, dotName, entityKeyOf, entityName } from '../../domain/event.ts';
import { discardKeyOf } from '../../domain/office/discard.ts';
import { waitsFor } from '../../domain/office/fold.ts';
import { EVENT_DISCARDED } from '../../domain/office/evolve.ts';
import { EMPTY_CLOCK, lifeOf } from '../../domain/clock.ts';
import type { EventRow, StoreReader, WaitingRow } from '../../mixins/store/store.ts';
import { type EventView, viewEvent } from '../event-view.ts';

/** An event that is kept and not applied, and all there is to say of it. */
export interface QuarantineView extends EventView {
  /** Its name: `west@1:7`. */
  readonly event: string;
  /** Stable: `cause-missing`, `not-allowed`, ...; null when it is discarded. */
  readonly reason: string | null;
  readonly detail: string | null;
  readonly since: string | null;
  /** Events that must be applied or discarded first, by name; `west@1:7` stands for all of that life up to it. */
  readonly waitsFor: readonly string[];
  /** Events of the same entity that wait for this one. */
  readonly holdsBack: readonly string[];
  readonly discarded: { readonly by: string; readonly at: string; readonly why: string } | null;
}

export async function viewQuarantined(read: StoreReader, row: EventRow): Promise<QuarantineView> {
  const waiting = await waitingOnEntity(read, row.event);
  const own = waiting.find(({ position }) => position === row.position);
  const others = waiting.flatMap(({ event }) => (event === undefined ? [] : [event]));
  return {
    event: dotName(row.event),
    ...viewEvent(row),
    reason: own?.reason ?? null,
    detail: own?.detail ?? null,
    since: own === undefined ? null : new Date(own.sinceMs).toISOString(),
    waitsFor: own?.reason === 'cause-missing' ? await causesMissing(read, row.event, others) : [],
    holdsBack: others.filter((other) => waitsFor(other, [row.event]).length > 0).map(dotName),
    discarded: row.status === 'discarded' ? await discardOf(read, row.event) : null,
  };
}

async function waitingOnEntity(
  read: StoreReader,
  event: DomainEvent,
): Promise<(WaitingRow & { event: DomainEvent | undefined })[]> {
  const rows = await read.waitingOf([entityKeyOf(event)]);
  const held = await read.eventsAt(rows.map(({ position }) => position));
  const events = new Map(held.map((row) => [row.position, row.event]));
  return rows.map((row) => ({ ...row, event: events.get(row.position) }));
}

/** Waiting events that its author had seen, and what has not arrived at all. */
async function causesMissing(
  read: StoreReader,
  event: DomainEvent,
  waiting: readonly DomainEvent[],
): Promise<string[]> {
  const known = (await read.entity(event))?.clock ?? EMPTY_CLOCK;
  const held = waitsFor(event, waiting).map(dotName);
  const seen = Object.entries(event.clock).filter(
    ([life, seq]) => life !== lifeOf(event) && (known[life] ?? 0) < seq,
  );
  return [...new Set([...held, ...seen.map(([life, seq]) => `${life}:${seq}`)])];
}

async function discardOf(read: StoreReader, event: DomainEvent): Promise<QuarantineView['discarded']> {
  const { headOffice } = await read.logRow();
  const key = discardKeyOf(event, headOffice);
  const discards = (await read.eventsOfEntity(key)).filter(
    (row) => entityName(row.event) === entityName(key),
  );
  const first = discards.find((row) => row.status === 'applied' && row.event.type === EVENT_DISCARDED)?.event;
  if (first === undefined) return null;
  return { by: first.actor, at: first.at.slice(0, 24), why: String(first.data['why'] ?? '') };
}
