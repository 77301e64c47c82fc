import { type DomainEvent, type OfficeId, SHARED_SCOPE } from '../event.ts';
import type { FedEvent, FeedRun } from './messages.ts';

/** What the feeder has published so far. Not saved: after a restart it begins at the log's end, and branches pull. */
export interface FeederState {
  readonly head: OfficeId;
  readonly feedEpoch: number;
  /** See `FeedRun.source`. */
  readonly source: string;
  readonly position: number;
  /** Last position of the head's own events that went to everybody, and to each scope. */
  readonly shared: number;
  readonly scopes: Readonly<Record<string, number>>;
}

export interface LogEntry extends FedEvent {
  readonly event: Pick<DomainEvent, 'office' | 'scope'>;
}

/** A subscription of a branch, as a filter on the head's log. */
export function isFedTo(
  office: OfficeId,
  head: OfficeId,
  event: Pick<DomainEvent, 'office' | 'scope'>,
): boolean {
  return event.office === head && (event.scope === office || event.scope === SHARED_SCOPE);
}

export interface Fed {
  readonly state: FeederState;
  readonly runs: readonly FeedRun[];
}

/**
 * Cuts the next stretch of the head's log, in order of position, into runs of one stream each. Runs of different
 * offices may pass one another, since no subscription has both; none passes a shared run.
 */
export function planFeed(state: FeederState, entries: readonly LogEntry[], withAll: boolean): Fed {
  const runs: FeedRun[] = withAll && entries.length > 0 ? [runOf(state, 'all', entries)] : [];
  let next = state;
  for (const stretch of stretches(entries.filter((entry) => entry.event.office === state.head))) {
    for (const [scope, group] of stretch) {
      runs.push(runOf(next, scope, group));
      const last = group.at(-1)!.position;
      next =
        scope === SHARED_SCOPE
          ? { ...next, shared: last, scopes: {} } // earlier scope positions lie before it
          : { ...next, scopes: { ...next.scopes, [scope]: last } };
    }
  }
  return { state: { ...next, position: entries.at(-1)?.position ?? state.position }, runs };
}

/** Groups by scope between shared events. */
function stretches(entries: readonly LogEntry[]): Map<string, LogEntry[]>[] {
  const result: Map<string, LogEntry[]>[] = [];
  let isShared: boolean | null = null;
  for (const entry of entries) {
    const shared = entry.event.scope === SHARED_SCOPE;
    if (shared !== isShared) result.push(new Map());
    isShared = shared;
    const groups = result.at(-1)!;
    const group = groups.get(entry.event.scope);
    if (group) group.push(entry);
    else groups.set(entry.event.scope, [entry]);
  }
  return result;
}

function runOf(state: FeederState, stream: string, entries: readonly LogEntry[]): FeedRun {
  const scopes = stream === SHARED_SCOPE ? state.scopes : { [stream]: state.scopes[stream] ?? 0 };
  return {
    kind: 'feed',
    feedEpoch: state.feedEpoch,
    source: state.source,
    stream,
    previous: { all: state.position, shared: state.shared, scopes: stream === 'all' ? {} : scopes },
    events: entries.map(({ position, bytes, hash }) => ({ position, bytes, hash })),
  };
}
