import { type ChainPoint, sameBytes, ZERO_HASH } from '../chain.ts';
import type { FeedCursor, Hello, Welcome } from './messages.ts';

/**
 * The feed begins a new life whenever a greeting proves that the head was restored from a backup: places in the head's
 * log that lie beyond the restored part name other events since. Branches learn of a new life as they greet; each goes
 * back to where its own life and that one were still the same, and returns what it holds of the head's beyond.
 */
export interface FeedFork {
  readonly feedEpoch: number;
  /** Up to here this life is the one before. */
  readonly position: number;
}

export interface NewFeedLife extends FeedFork {
  /** A life that the head does not remember any more, but this branch followed. */
  readonly forgotten: number | null;
}

/** What the head's log says about the places of the feed that a greeting names. */
export interface FeedFacts {
  /** Hash of the event at `hello.feed.position`; null beyond the end, ZERO_HASH at position 0. */
  readonly hashAtTheirFeed: Uint8Array | null;
  /** For each of `hello.headTips` the position at which the head holds it; null where it does not. */
  readonly tipPositions: readonly (number | null)[];
  readonly feedEpoch: number;
  readonly feedForks: readonly FeedFork[];
  /** The name of the feed's next life, should this greeting prove that the head was restored. */
  readonly nextFeedEpoch: number;
}

/** The life in which every feed begins. */
const FIRST_LIFE = 1;

/** The branch names something of the head's that the head does not have: it lost a part of its own log. */
export function headWasRestored(hello: Hello, cursor: ChainPoint, facts: FeedFacts): boolean {
  if (!remembers(facts, hello.feed.feedEpoch)) return true;
  if (hello.feed.feedEpoch !== facts.feedEpoch) return false; // proven before; this branch catches up with it
  if (hello.acked.seq > cursor.seq) return true;
  return !holdsTheirFeed(hello, facts) || missesHeadEvents(hello, facts);
}

function remembers({ feedForks }: FeedFacts, feedEpoch: number): boolean {
  return feedEpoch === FIRST_LIFE || feedForks.some((fork) => fork.feedEpoch === feedEpoch);
}

function holdsTheirFeed(hello: Hello, facts: FeedFacts): boolean {
  if (facts.hashAtTheirFeed === null) return false;
  return sameBytes(hello.feed.hash, ZERO_HASH) || sameBytes(facts.hashAtTheirFeed, hello.feed.hash);
}

function missesHeadEvents(hello: Hello, facts: FeedFacts): boolean {
  return neverLost(hello, facts).includes(null);
}

/**
 * Positions of the sampled tips that the head never lost. One that another branch has returned says nothing about
 * what lies before it: it came back behind the fork.
 */
function neverLost(hello: Hello, facts: FeedFacts): (number | null)[] {
  const bound = Math.min(...forksSince(hello, facts).map((fork) => fork.position));
  return facts.tipPositions.map((position) => (position !== null && position <= bound ? position : null));
}

/** Oldest first, as they were minted: their numbers say nothing of their order when the clock was set back. */
function forksSince(hello: Hello, { feedForks }: FeedFacts): readonly FeedFork[] {
  return feedForks.slice(feedForks.findIndex((fork) => fork.feedEpoch === hello.feed.feedEpoch) + 1);
}

/** The newest place up to which the head never lost what the branch samples; 0 when it holds none of it. */
function commonPosition(hello: Hello, facts: FeedFacts): number {
  const positions = neverLost(hello, facts);
  return positions[positions.lastIndexOf(null) + 1] ?? 0; // newest first: behind the oldest that is missing
}

/**
 * What a branch that enters a later life of the feed returns: all that it holds of the head's beyond the first fork
 * ever. Beyond that nothing is certain, whatever the samples say: the backup may have been taken while the returns
 * after an earlier restore were still under way.
 */
export function toReturn(
  hello: Hello,
  { feedForks, tipPositions }: FeedFacts,
  mint: FeedFork | null,
): Welcome['returnAfter'] {
  const bound = Math.min(...[...feedForks, ...(mint ? [mint] : [])].map((fork) => fork.position));
  const uncertain = tipPositions.findLastIndex((position) => position === null || position > bound);
  return uncertain < 0 ? null : { tip: hello.headTips[uncertain + 1] ?? null };
}

/** Of a life that the head has forgotten it does not know either where it forked off: all begins anew. */
export function nextFeedLife(hello: Hello, facts: FeedFacts): NewFeedLife {
  const feedEpoch = facts.nextFeedEpoch;
  if (!remembers(facts, hello.feed.feedEpoch))
    return { feedEpoch, position: 0, forgotten: hello.feed.feedEpoch };
  // The event at its cursor may be there again by chance, behind others that this branch never saw.
  const isIntact = holdsTheirFeed(hello, facts) && !missesHeadEvents(hello, facts);
  const position = isIntact
    ? hello.feed.position
    : Math.min(commonPosition(hello, facts), hello.feed.position);
  return { feedEpoch, position, forgotten: null };
}

/** What the head writes down of it: the forgotten life as well, so that others who followed it find it again. */
export function forksOf({ feedEpoch, position, forgotten }: NewFeedLife): FeedFork[] {
  const forked = { feedEpoch, position };
  return forgotten === null
    ? [forked]
    : [{ feedEpoch: forgotten, position: Number.MAX_SAFE_INTEGER }, forked];
}

/** Where the branch goes on: its own cursor, or in a later life of the feed no later than any fork since. */
export function resumedFeed(
  hello: Hello,
  facts: FeedFacts,
  mint: FeedFork | null,
): Pick<FeedCursor, 'feedEpoch' | 'position'> {
  const feedEpoch = mint?.feedEpoch ?? facts.feedEpoch;
  if (hello.feed.feedEpoch === feedEpoch) return { feedEpoch, position: hello.feed.position };
  const forks = [...forksSince(hello, facts), ...(mint ? [mint] : [])];
  const bounds = forks.map((fork) => fork.position);
  if (!holdsTheirFeed(hello, facts)) bounds.push(commonPosition(hello, facts));
  return { feedEpoch, position: Math.min(hello.feed.position, ...bounds) };
}
