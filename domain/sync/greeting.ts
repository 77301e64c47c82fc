import { type ChainPoint, sameBytes, ZERO_HASH } from '../chain.ts';
import type { OfficeId } from '../event.ts';
import { LIMITS } from './limits.ts';
import type { FeedCursor, HeadTip, Hello, Refused, Welcome } from './messages.ts';

/** What the head knows of the branch that greets: its row, locked. */
export interface KnownOffice {
  readonly status: 'active' | 'retired';
  readonly cursor: ChainPoint;
  readonly session: number;
  readonly sessionConfirmed: boolean;
  readonly instance: string;
  readonly leaseUntilMs: number;
  readonly safeSeq: number;
}

/** What the head's log says about the places that the greeting names. */
export interface GreetingFacts {
  readonly nowMs: number;
  readonly program: string;
  readonly head: OfficeId;
  /** The head's chain hash at `hello.last.seq` of that office's log; null beyond its end. */
  readonly hashAtTheirLast: Uint8Array | null;
  /** Hash of the event at `hello.feed.position`; null beyond the end, ZERO_HASH at position 0. */
  readonly hashAtTheirFeed: Uint8Array | null;
  /** For each of `hello.headTips` the position at which the head holds it; null where it does not. */
  readonly tipPositions: readonly (number | null)[];
  readonly feedEpoch: number;
  readonly feedForks: readonly { readonly feedEpoch: number; readonly position: number }[];
  /** Last position of the branch's subscription. */
  readonly feedEnd: number;
}

export type GreetingOutcome =
  | {
      readonly verdict: 'refused';
      readonly message: Refused;
      /** Whether its database does not know the session in use: then it is another database. */
      readonly isOtherDatabase: boolean;
    }
  | {
      readonly verdict: 'welcome';
      readonly message: Welcome;
      readonly row: Pick<KnownOffice, 'session' | 'sessionConfirmed' | 'instance' | 'leaseUntilMs'>;
      /** Set when this greeting proves that the head was restored: the feed begins a new life. */
      readonly mint: { readonly feedEpoch: number; readonly position: number } | null;
    };

/** Answers a greeting. Of the five outcomes, the head decides three here; the branch tells the others by the hashes. */
export function answerHello(hello: Hello, office: KnownOffice | null, facts: GreetingFacts): GreetingOutcome {
  const refusal = refusalOf(hello, office, facts);
  if (refusal !== null) {
    const isOtherDatabase = office !== null && hello.session < office.session;
    return {
      verdict: 'refused',
      isOtherDatabase,
      message: { kind: 'refused', nonce: hello.nonce, ...refusal },
    };
  }
  const known = office!;
  // One that nobody was heard to use is granted again: a branch may ask often before an answer gets through.
  const session = known.sessionConfirmed ? known.session + 1 : known.session;
  const mint = headWasRestored(hello, known, facts) ? nextFeedLife(hello, facts) : null;
  const feed = resumedFeed(hello, facts, mint);
  return {
    verdict: 'welcome',
    mint,
    row: {
      session,
      sessionConfirmed: false,
      instance: hello.instance,
      leaseUntilMs: facts.nowMs + LIMITS.leaseMs,
    },
    message: {
      kind: 'welcome',
      head: facts.head,
      nonce: hello.nonce,
      session,
      cursor: known.cursor,
      hashAtYourLast: facts.hashAtTheirLast,
      feed,
      returnAfter: feed.feedEpoch === hello.feed.feedEpoch ? null : toReturn(hello, facts, mint),
      feedEnd: facts.feedEnd,
      safeSeq: known.safeSeq,
      versions: { wire: LIMITS.wireVersion, program: facts.program },
    },
  };
}

type Refusal = Pick<Refused, 'reason' | 'detail' | 'cursor'>;

function refusalOf(hello: Hello, office: KnownOffice | null, facts: GreetingFacts): Refusal | null {
  if (office === null) {
    return {
      reason: 'unknown-office',
      detail: `The head knows no office "${hello.office}"; add it there first`,
      cursor: null,
    };
  }
  if (office.status === 'retired') {
    return {
      reason: 'retired-office',
      detail: `The head has retired the office "${hello.office}"`,
      cursor: null,
    };
  }
  if (hello.versions.wire < LIMITS.wireVersion - 1) {
    return {
      reason: 'program-too-old',
      detail: `Wire version ${hello.versions.wire} is too old; update this office`,
      cursor: null,
    };
  }
  if (hello.versions.wire > LIMITS.wireVersion + 1) {
    return {
      reason: 'program-too-new',
      detail: `Wire version ${hello.versions.wire} is too new; update the head first`,
      cursor: null,
    };
  }
  if (isSecondCopy(hello, office, facts.nowMs)) {
    return {
      reason: 'lease-held',
      detail: `Another process holds the lease of "${hello.office}"; if it has died, the lease ends soon. Two offices need an OFFICE_ID each`,
      cursor: office.cursor,
    };
  }
  return null;
}

/**
 * Another process of the same office holds a lease: two copies are alive, or the one before has just died. Which of
 * the two is not to be told from what they say, since a copy of the database says the same; so the one that holds the
 * lease keeps it while it answers (see `challenge` in head.ts).
 */
function isSecondCopy(hello: Hello, office: KnownOffice, nowMs: number): boolean {
  return hello.instance !== office.instance && isAlive(office, nowMs);
}

/** A lease that is longer than any granted one was granted before the clock was set back: it says nothing. */
function isAlive({ leaseUntilMs }: KnownOffice, nowMs: number): boolean {
  return leaseUntilMs > nowMs && leaseUntilMs - nowMs <= LIMITS.leaseMs;
}

/** The branch names something of the head's that the head does not have: it lost a part of its own log. */
function headWasRestored(hello: Hello, office: KnownOffice, facts: GreetingFacts): boolean {
  if (hello.feed.feedEpoch > facts.feedEpoch) return true;
  if (hello.feed.feedEpoch < facts.feedEpoch) return false; // proven before; this branch catches up with it
  if (hello.acked.seq > office.cursor.seq) return true;
  return !holdsTheirFeed(hello, facts) || missesHeadEvents(hello, facts);
}

function holdsTheirFeed(hello: Hello, facts: GreetingFacts): boolean {
  if (facts.hashAtTheirFeed === null) return false;
  return sameBytes(hello.feed.hash, ZERO_HASH) || sameBytes(facts.hashAtTheirFeed, hello.feed.hash);
}

function missesHeadEvents(hello: Hello, facts: GreetingFacts): boolean {
  return neverLost(hello, facts).includes(null);
}

/**
 * Positions of the sampled tips that the head never lost. One that another branch has returned says nothing about
 * what lies before it: it came back behind the fork.
 */
function neverLost(hello: Hello, facts: GreetingFacts): (number | null)[] {
  const bound = Math.min(...forksSince(hello, facts).map((fork) => fork.position));
  return facts.tipPositions.map((position) => (position !== null && position <= bound ? position : null));
}

function forksSince(hello: Hello, { feedForks }: GreetingFacts): GreetingFacts['feedForks'] {
  return feedForks.filter((fork) => fork.feedEpoch > hello.feed.feedEpoch);
}

/** The newest place up to which the head never lost what the branch samples: what it lost came after it. */
function commonTip(hello: Hello, facts: GreetingFacts): { tip: HeadTip; position: number } | null {
  const positions = neverLost(hello, facts);
  const index = positions.lastIndexOf(null) + 1; // newest first: behind the oldest that is missing
  const tip = hello.headTips[index];
  const position = positions[index];
  return tip === undefined || position === undefined || position === null ? null : { tip, position };
}

/**
 * What a branch that enters a later life of the feed returns: all that it holds of the head's beyond the first fork
 * ever. Beyond that nothing is certain, whatever the samples say: the backup may have been taken while the returns
 * after an earlier restore were still under way.
 */
function toReturn(
  hello: Hello,
  { feedForks, tipPositions }: GreetingFacts,
  mint: { position: number } | null,
): Welcome['returnAfter'] {
  const bound = Math.min(...[...feedForks, ...(mint ? [mint] : [])].map((fork) => fork.position));
  const uncertain = tipPositions.findLastIndex((position) => position === null || position > bound);
  return uncertain < 0 ? null : { tip: hello.headTips[uncertain + 1] ?? null };
}

function nextFeedLife(hello: Hello, facts: GreetingFacts): { feedEpoch: number; position: number } {
  const feedEpoch = Math.max(hello.feed.feedEpoch, facts.feedEpoch) + 1;
  // The event at its cursor may be there again by chance, behind others that this branch never saw.
  const isIntact = holdsTheirFeed(hello, facts) && !missesHeadEvents(hello, facts);
  const common = commonTip(hello, facts)?.position ?? 0;
  return { feedEpoch, position: isIntact ? hello.feed.position : Math.min(common, hello.feed.position) };
}

/** Where the branch goes on: its own cursor, or in a later life of the feed no later than any fork since. */
function resumedFeed(
  hello: Hello,
  facts: GreetingFacts,
  mint: { feedEpoch: number; position: number } | null,
): Pick<FeedCursor, 'feedEpoch' | 'position'> {
  const feedEpoch = mint?.feedEpoch ?? facts.feedEpoch;
  if (hello.feed.feedEpoch === feedEpoch) return { feedEpoch, position: hello.feed.position };
  const forks = [...forksSince(hello, facts), ...(mint ? [mint] : [])];
  const bounds = forks.map((fork) => fork.position);
  if (!holdsTheirFeed(hello, facts)) bounds.push(commonTip(hello, facts)?.position ?? 0);
  return { feedEpoch, position: Math.min(hello.feed.position, ...bounds) };
}
