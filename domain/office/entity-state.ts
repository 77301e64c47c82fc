import { compareText, type Dot, type EntityKey, type JsonValue } from '../event.ts';
import type { VectorClock } from '../clock.ts';

/** The pseudo field in which recording, voiding and restoring are written. */
export const STATUS_FIELD = '$status';
export type EntityStatus = 'live' | 'voided';

/**
 * An event of which at least one written value still stands, in the sense that no known event that saw it
 * wrote the same field. Two writers of one field are concurrent: a multi-value register (Shapiro et al. 2011).
 */
export interface Writer extends Dot {
  readonly at: string;
  readonly actor: string;
  readonly clock: VectorClock;
  /** Only the fields in which it still stands; `$status` among them. */
  readonly values: Readonly<Record<string, JsonValue>>;
}

/**
 * What an office knows of one entity: a function of the *set* of its applied events, whatever order they
 * arrived in (causes first). Everything shown, and every conflict, is worked out from it.
 */
export interface EntityState extends EntityKey {
  /** Merged clock of all applied events. */
  readonly clock: VectorClock;
  /** Earliest `at` of a recording and latest `at` of any event. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** In the order of `compareWriters`. */
  readonly writers: readonly Writer[];
}

/** Total order among concurrent writers: by (at, office, epoch, seq). The last one is the provisional winner. */
export function compareWriters(a: Dot & { at: string }, b: Dot & { at: string }): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return compareText(a.office, b.office) || a.epoch - b.epoch || a.seq - b.seq;
}
