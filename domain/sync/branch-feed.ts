import { SHARED_SCOPE } from '../event.ts';
import type { Ports } from '../ports.ts';
import { type BranchState, type BranchStep, type FeedState, UNKNOWN_END } from './branch-state.ts';
import { greet, same, send } from './branch-step.ts';
import { backoffMs, LIMITS } from './limits.ts';
import type { Beacon, FedEvent, FeedCursor, FeedRun, Pulled } from './messages.ts';

/**
 * The branch's end of the feed. Invariant: the cursor moves only with the events applied in the same transaction,
 * and never over a position of the subscription that was not applied. Dropping a run is always safe: it is pulled.
 */

/** The subscription's position before a run: what must have been applied already. */
export function previousOf(run: FeedRun, office: string, subscribe: 'own' | 'all'): number {
  if (subscribe === 'all') return run.previous.all;
  return Math.max(run.previous.shared, run.previous.scopes[office] ?? 0);
}

export function isSubscribed(run: FeedRun, office: string, subscribe: 'own' | 'all'): boolean {
  return subscribe === 'all' ? run.stream === 'all' : run.stream === office || run.stream === SHARED_SCOPE;
}

export function hearFeed(state: BranchState, run: FeedRun, ports: Ports): BranchStep {
  const last = run.events.at(-1);
  const { cursor, applying, pulling } = state.feed;
  if (last === undefined || !isSubscribed(run, state.office, state.granted)) return same(state);
  if (run.feedEpoch !== cursor.feedEpoch) return same(state);
  if (run.source !== state.feed.runsFrom) return checkPlace(state, { runsFrom: run.source }, ports);
  if (last.position <= cursor.position) return same(state);
  const outrun = pulling || state.feed.outrun;
  const noticed = withFeed(state, { end: Math.max(state.feed.end, last.position), outrun });
  if (applying || pulling) return same(noticed);
  const isGap = previousOf(run, state.office, state.granted) > cursor.position;
  if (isGap) return pullIfBehind(noticed, ports);
  return applyRun(noticed, run.events, last);
}

/**
 * Somebody else speaks for the head than before. It may have been restored from a backup meanwhile, and have filled the
 * places up to the cursor with other events: a pull shows it, since it names the event that is at the cursor here.
 */
function checkPlace(state: BranchState, from: Partial<FeedState>, ports: Ports): BranchStep {
  if (state.phase.name !== 'streaming') return same(state); // the greeting under way may be somebody else's
  const outrun = state.feed.pulling || state.feed.outrun;
  return pullIfBehind(withFeed(state, { ...from, end: UNKNOWN_END, outrun }), ports);
}

export function hearPulled(state: BranchState, pulled: Pulled, ports: Ports): BranchStep {
  const { cursor, applying, pulling } = state.feed;
  if (!pulling || applying || pulled.feedEpoch !== cursor.feedEpoch || pulled.after !== cursor.position)
    return same(state);
  const { upTo, events } = pulled;
  const end = pulled.end && !state.feed.outrun;
  const heard = withFeed(end ? knowingEnd(state, upTo.position) : state, {
    pulling: false,
    pulls: 0,
    outrun: false,
    end: end ? upTo.position : Math.max(state.feed.end, upTo.position),
  });
  if (upTo.position <= cursor.position) return end ? same(heard) : pullIfBehind(heard, ports);
  return applyRun(heard, events, upTo);
}

export function hearBeacon(state: BranchState, beacon: Beacon, ports: Ports): BranchStep {
  const { cursor } = state.feed;
  // Another life of the feed, or one that ends before what was applied: the head was restored.
  if (beacon.feedEpoch !== cursor.feedEpoch || beacon.position < cursor.position) return greet(state, ports);
  const end = Math.max(state.feed.end, beacon.feedEnd);
  const told = { ...withFeed(state, { end }), safeSeq: Math.max(state.safeSeq, beacon.safeSeq) };
  if (beacon.source !== state.feed.beaconsFrom)
    return checkPlace(told, { beaconsFrom: beacon.source }, ports);
  return pullIfBehind(told, ports);
}

/**
 * Where the feed ends, as the head answers: up to there a sync goes that was asked for before, and no further. A beacon
 * will not do, since it may have been on its way when the sync was asked for.
 */
function knowingEnd(state: BranchState, end: number): BranchState {
  const { asked } = state;
  return asked === null || asked.feedTo !== UNKNOWN_END
    ? state
    : { ...state, asked: { ...asked, feedTo: end } };
}

export function appliedFeed(state: BranchState, cursor: FeedCursor, ports: Ports): BranchStep {
  const applied = withFeed(state, { cursor, applying: false });
  return state.phase.name === 'streaming' ? pullIfBehind(applied, ports) : same(applied);
}

export function pullIfBehind(state: BranchState, ports: Ports): BranchStep {
  const { cursor, end, applying, pulling } = state.feed;
  if (state.phase.name !== 'streaming' || applying || pulling || end <= cursor.position) return same(state);
  const waitMs = Math.max(LIMITS.answerMs, backoffMs(state.feed.pulls, ports.random()));
  return {
    state: {
      ...withFeed(state, { pulling: true, pulls: state.feed.pulls + 1 }),
      deadlineMs: ports.elapsedMs() + waitMs,
    },
    effects: [
      send(state, { kind: 'pull', feedEpoch: cursor.feedEpoch, after: cursor.position, hash: cursor.hash }),
    ],
  };
}

/** Asks again when the answer to a pull does not come. */
export function pullAgain(state: BranchState, ports: Ports): BranchStep {
  if (ports.elapsedMs() < state.deadlineMs) return same(state);
  return pullIfBehind(withFeed(state, { pulling: false }), ports);
}

function applyRun(
  state: BranchState,
  run: readonly FedEvent[],
  upTo: Pick<FeedCursor, 'position' | 'hash'>,
): BranchStep {
  const from = state.feed.cursor;
  const to = { feedEpoch: from.feedEpoch, position: upTo.position, hash: upTo.hash };
  const events = run.filter((event) => event.position > from.position);
  return { state: withFeed(state, { applying: true }), effects: [{ do: 'apply-feed', from, to, events }] };
}

export function withFeed(state: BranchState, patch: Partial<FeedState>): BranchState {
  return { ...state, feed: { ...state.feed, ...patch } };
}
