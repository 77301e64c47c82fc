import type { VectorClock } from '../clock.ts';
import type { Dot, EntityKey, JsonValue } from '../event.ts';

/** One side of a dispute: a life of an office, with what it wrote that another life did not see. */
export interface Contender extends Dot {
  /** `seq` above is that of its newest event in dispute. */
  readonly at: string;
  readonly actor: string;
  /** What that office had seen. */
  readonly clock: VectorClock;
  /**
   * Its value for each disputed field; `$status` for a void or restore, and for an edit that a void met, which
   * stands for `live` and brings the edited fields along. Fields ruled before stay, as evidence.
   */
  readonly values: Readonly<Record<string, JsonValue>>;
  /** Hybrid time at which it wrote each of them. */
  readonly wroteAt: Readonly<Record<string, string>>;
}

/** How a case ended. */
export interface Ruling {
  /** The event that settled it: a `ConflictResolved`, or an edit that had seen every contender. */
  readonly by: Dot;
  readonly eventId: string;
  readonly kind: 'resolved' | 'edited';
  readonly actor: string;
  readonly at: string;
  /** `latest`, `void-wins`, `manual`, ...: per field. Empty for an edit. */
  readonly policies: Readonly<Record<string, string>>;
  /** 0 for an edit. */
  readonly policyVersion: number;
  /** Id of the event of the ruling that this one sets aside. */
  readonly overrules?: string;
  /** Of whoever ruled. */
  readonly note?: string;
  /** The values that stand. */
  readonly values: Readonly<Record<string, JsonValue>>;
}

/** A conflict with its evidence. Nothing disappears: the losing values stay on the case. */
export interface ConflictCase extends EntityKey {
  /** UUID derived from the entity and the contenders it was opened with. */
  readonly id: string;
  readonly status: 'open' | 'settled';
  /** Hybrid time of the newest write in dispute when it was opened: the same at every office. */
  readonly openedAt: string;
  readonly settledAt: string | null;
  /** In dispute now, or when it was settled. */
  readonly fields: readonly string[];
  /** The last values that every contender had seen. */
  readonly base: Readonly<Record<string, JsonValue>>;
  /** Of an open case: what all that was done to the counted fields in dispute comes to, where that can be told. */
  readonly totals?: Readonly<Record<string, JsonValue>>;
  /** Exact: see stake.ts. Null where there is no money in it; left out where an older program kept the case. */
  readonly atStake?: string | null;
  /** Two from two blind editors, however often they edit. */
  readonly contenders: readonly Contender[];
  /** Those that a newer edit replaced while the dispute went on, one for each life of an office. */
  readonly overruled: readonly Contender[];
  /** Oldest first; more than one when parts were ruled apart, a ruling was met by a new edit, or was overruled. */
  readonly rulings: readonly Ruling[];
}
