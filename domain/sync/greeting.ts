import type { ChainPoint } from '../chain.ts';
import type { OfficeId } from '../event.ts';
import { LIMITS } from './limits.ts';
import {
  type FeedFacts,
  headWasRestored,
  type NewFeedLife,
  nextFeedLife,
  resumedFeed,
  toReturn,
} from './feed-lives.ts';
import type { Hello, QuarantineReport, Refused, Subscription, Welcome } from './messages.ts';

/** What the head knows of the branch that greets: its row, locked. */
export interface KnownOffice {
  readonly status: 'active' | 'retired';
  readonly cursor: ChainPoint;
  readonly session: number;
  readonly sessionConfirmed: boolean;
  readonly instance: string;
  readonly leaseUntilMs: number;
  readonly safeSeq: number;
  readonly subscribe: Subscription;
}

/** What the head's log says about the places that the greeting names. */
export interface GreetingFacts extends FeedFacts {
  readonly nowMs: number;
  readonly program: string;
  readonly head: OfficeId;
  /** The head's chain hash at `hello.last.seq` of that office's log; null beyond its end. */
  readonly hashAtTheirLast: Uint8Array | null;
  /** Last position of the branch's subscription. */
  readonly feedEnd: number;
  readonly quarantined: QuarantineReport;
}

export type GreetingOutcome =
  | {
      readonly verdict: 'refused';
      readonly message: Refused;
      /** Whether its database does not know the session in use: then it is another database. */
      readonly isOtherDatabase: boolean;
      /** The process that holds the lease; '' when nobody ever did. */
      readonly holder: string;
    }
  | {
      readonly verdict: 'welcome';
      readonly message: Welcome;
      readonly row: Pick<KnownOffice, 'session' | 'sessionConfirmed' | 'instance' | 'leaseUntilMs'>;
      /** Set when this greeting proves that the head was restored: the feed begins a new life. */
      readonly mint: NewFeedLife | null;
    };

/** Answers a greeting. Of the five outcomes, the head decides three here; the branch tells the others by the hashes. */
export function answerHello(hello: Hello, office: KnownOffice | null, facts: GreetingFacts): GreetingOutcome {
  const refusal = refusalOf(hello, office, facts);
  if (refusal !== null) {
    const isOtherDatabase = office !== null && hello.session < office.session;
    return {
      verdict: 'refused',
      isOtherDatabase,
      holder: office?.instance ?? '',
      message: { kind: 'refused', nonce: hello.nonce, ...refusal },
    };
  }
  const known = office!;
  const session = sessionAfter(hello, known);
  const mint = headWasRestored(hello, known.cursor, facts) ? nextFeedLife(hello, facts) : null;
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
      subscribe: known.subscribe,
      feedEnd: facts.feedEnd,
      safeSeq: known.safeSeq,
      versions: { wire: LIMITS.wireVersion, program: facts.program },
      quarantined: facts.quarantined,
    },
  };
}

/**
 * One that nobody was heard to use is granted again: a branch may ask often before an answer gets through. Never one
 * that was granted before the head was restored: a copy of the branch's database would know it.
 */
function sessionAfter(hello: Hello, { session, sessionConfirmed }: KnownOffice): number {
  return sessionConfirmed || hello.session > session ? Math.max(session, hello.session) + 1 : session;
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
      detail: `Another process was "${hello.office}" a moment ago. If it was killed, this passes within a minute; if it stays, two offices use this OFFICE_ID`,
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
