import type { DomainEvent, EntityKey } from '../event.ts';

/**
 * What this office knew at some time: its events at positions up to `position`, as the late changes up to `lateNo`
 * have left them. Both only grow; any two make a moment, whether or not it ever was the present.
 */
export interface Moment {
  readonly position: number;
  readonly lateNo: number;
}

export const BEGINNING: Moment = Object.freeze({ position: 0, lateNo: 0 });

export function sameMoment(a: Moment, b: Moment): boolean {
  return a.position === b.position && a.lateNo === b.lateNo;
}

/** What happened to an event after it was accepted: it began to count, stopped counting, or left the valid log. */
export type LateChange = 'applied' | 'set-aside' | 'displaced';

/**
 * An event that counts otherwise than it did at its own position. Nearly every event is applied where it was accepted and
 * stays so: of it there is none.
 */
export interface LateRow extends EntityKey {
  /** From 1, gap-free, in the order in which they were committed. */
  readonly no: number;
  /** Where the log stood after the transaction that made the change. */
  readonly atPosition: number;
  /** Of the event. */
  readonly position: number;
  readonly change: LateChange;
}

/** An event as it is held now. */
export interface HeldEvent {
  readonly position: number;
  /** Whether it is applied now; false for one that was displaced. */
  readonly isApplied: boolean;
  readonly event: DomainEvent;
}

/**
 * Whether the event counted at a moment. `late` are all changes of this event, in order: each turns it round, so the first
 * one after the moment tells what was before it.
 */
export function countedAt(
  { position, isApplied }: Pick<HeldEvent, 'position' | 'isApplied'>,
  late: readonly Pick<LateRow, 'no' | 'change'>[],
  moment: Moment,
): boolean {
  if (position > moment.position) return false;
  const before = late.findLast(({ no }) => no <= moment.lateNo);
  if (before !== undefined) return before.change === 'applied';
  const after = late[0];
  return after === undefined ? isApplied : after.change !== 'applied';
}

const NEVER_CHANGED: readonly LateRow[] = [];

/** Late changes of some events, by position and in order. */
export class LateChanges {
  readonly #byPosition: ReadonlyMap<number, readonly LateRow[]>;

  constructor(rows: readonly LateRow[]) {
    this.#byPosition = Map.groupBy(
      [...rows].sort((a, b) => a.no - b.no),
      ({ position }) => position,
    );
  }

  /** Of an entity's events, in order of position, those that counted at a moment. */
  knownAt(events: readonly HeldEvent[], moment: Moment): DomainEvent[] {
    const known: DomainEvent[] = [];
    for (const held of events) {
      if (countedAt(held, this.#byPosition.get(held.position) ?? NEVER_CHANGED, moment))
        known.push(held.event);
    }
    return known;
  }

  /** Of an entity's events, the first whose status is another one than its last change left; null when all is well. */
  contradicted(events: readonly HeldEvent[]): HeldEvent | null {
    const isOdd = ({ position, isApplied }: HeldEvent): boolean => {
      const last = this.#byPosition.get(position)?.at(-1);
      return last !== undefined && (last.change === 'applied') !== isApplied;
    };
    return events.find(isOdd) ?? null;
  }
}
