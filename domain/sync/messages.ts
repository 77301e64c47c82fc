import type { ChainPoint } from '../chain.ts';
import type { OfficeId } from '../event.ts';
import type { FedEvent, FeedCursor, FeedRun, HashedBytes } from './feed.ts';
import type { QuarantineReport } from './quarantine-report.ts';

export type { FedEvent, FeedCursor, FeedRun, HashedBytes } from './feed.ts';
export { NOTHING_QUARANTINED, type QuarantinedItem, type QuarantineReport } from './quarantine-report.ts';

/**
 * What a branch and the head say to each other. Every message is plain data; the link adapters put it into
 * the versioned envelope. `nonce` names the session (one connection, one greeting): control messages of
 * another session are ignored.
 */

export interface Versions {
  /** Newest wire version spoken; the one before it is understood as well. */
  readonly wire: number;
  readonly program: string;
}

/** What an office says of its datasets. */
export interface KnownDatasets {
  /** Newest version of `DatasetEvolved` that its program understands; 0 for a program that understands none. */
  readonly evolutions: number;
  /** Of each dataset, the version in which it records. */
  readonly versions: Readonly<Record<string, number>>;
}

/** By a program that did not speak of them yet. */
export const NOTHING_SAID: KnownDatasets = { evolutions: 0, versions: {} };

export type Subscription = 'own' | 'all';

/** An event of the head that a branch holds: the newest, or a sample of the older ones. */
export interface HeadTip {
  readonly epoch: number;
  readonly seq: number;
  readonly hash: Uint8Array;
}

// ---------------------------------------------------------------- branch to head, through `branchline.up`

interface FromBranch {
  readonly office: OfficeId;
  /** Chosen anew by every process: tells a restart from a second copy. Answers are addressed to it. */
  readonly instance: string;
  /** Of the session. */
  readonly nonce: string;
}

export interface Hello extends FromBranch {
  readonly kind: 'hello';
  /** The session number that the head granted last, as this database remembers it; 0 before the first. */
  readonly session: number;
  readonly last: ChainPoint;
  readonly acked: ChainPoint;
  readonly feed: FeedCursor;
  /** The newest event of each life and samples in doubling steps back, newest first; at most 32. */
  readonly headTips: readonly HeadTip[];
  readonly subscribe: Subscription;
  readonly versions: Versions;
  readonly datasets?: KnownDatasets;
  /** The token of the `greet-again` that this process heard last, '' before the first; absent from one that repeats none. */
  readonly answers?: string;
}

/** Contiguous own events. `before` and `after` are the chain's hashes around them. */
export interface Batch extends FromBranch {
  readonly kind: 'batch';
  readonly firstSeq: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly events: readonly Uint8Array[];
}

/** Follows batches through the same queue; the answer proves what arrived. */
export interface Probe extends FromBranch {
  readonly kind: 'probe';
  /** Counted within the session, from 1. */
  readonly number: number;
  readonly upTo: number;
}

/** Asks for the feed after a cursor. */
export interface Pull extends FromBranch {
  readonly kind: 'pull';
  readonly feedEpoch: number;
  readonly after: number;
  /** Of the event there, as in the cursor: a head that holds another one was restored, and must not answer. */
  readonly hash: Uint8Array;
}

/** Asks for the office's own accepted events after `after`. */
export interface Fetch extends FromBranch {
  readonly kind: 'fetch';
  readonly after: number;
}

/** The fork is proven: asks for epochs of its own. `common` is the last place that both logs share. */
export interface Fork extends FromBranch {
  readonly kind: 'fork';
  readonly common: ChainPoint;
}

/** A fenced copy hands over, in one message, what it wrote after `common`. */
export interface Stranded extends FromBranch {
  readonly kind: 'stranded';
  readonly common: ChainPoint;
  readonly events: readonly Uint8Array[];
}

/** The live copy has re-appended what the fenced one handed over. */
export interface Adopted extends FromBranch {
  readonly kind: 'adopted';
  /** Session nonce of the fenced copy. */
  readonly from: string;
}

/** Events of the head that it lost in a restore, under their old names. */
export interface Returned extends FromBranch {
  readonly kind: 'returned';
  /** From 1 within the session: one that got lost on the way must not be taken for returned. */
  readonly number: number;
  readonly events: readonly HashedBytes[];
  readonly end: boolean;
}

/** The branch leaves in good order: its lease ends at once. */
export interface Bye extends FromBranch {
  readonly kind: 'bye';
}

export type UpMessage = Hello | Batch | Probe | Pull | Fetch | Fork | Stranded | Adopted | Returned | Bye;

// ---------------------------------------------------------------- head to branch, through `branchline.control`

interface ToBranch {
  readonly nonce: string;
}

export interface Welcome extends ToBranch {
  readonly kind: 'welcome';
  /** The head's office id. */
  readonly head: OfficeId;
  readonly session: number;
  /** Where the head stands in this office's log. */
  readonly cursor: ChainPoint;
  /** The head's hash at the branch's last seq; null when the head has not come that far. */
  readonly hashAtYourLast: Uint8Array | null;
  /** The cursor to go on from: the branch's own, or an earlier one after the head was restored. */
  readonly feed: Pick<FeedCursor, 'feedEpoch' | 'position'>;
  /** Set when the head was restored: return the head's events that followed this tip (null: all of them). */
  readonly returnAfter: { readonly tip: HeadTip | null } | null;
  /** What the head feeds this branch with, whatever it asked for. */
  readonly subscribe: Subscription;
  /** Last position of this branch's subscription. */
  readonly feedEnd: number;
  readonly safeSeq: number;
  readonly versions: Versions;
  /** Absent from a head that does not tell yet. */
  readonly quarantined?: QuarantineReport;
}

export type RefusalReason =
  | 'unknown-office'
  | 'retired-office'
  | 'program-too-old'
  | 'program-too-new'
  /** Another process of the office holds the lease: perhaps one that has died, then the lease ends. */
  | 'lease-held'
  /** Both are alive, on two copies of the database: this one is fenced. */
  | 'second-copy'
  /** Both are alive, on one database. */
  | 'second-process'
  | 'batch-refused';

export interface Refused extends ToBranch {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly detail: string;
  /** While the lease is held: where the accepted log stands. */
  readonly cursor: ChainPoint | null;
}

/** Cumulative: everything up to `at` is committed at the head. */
export interface Ack extends ToBranch {
  readonly kind: 'ack';
  readonly at: ChainPoint;
  readonly safeSeq: number;
  /** `gap`: send again from `at.seq + 1`. `fork`: the batch contradicts what the head holds; greet again. */
  readonly verdict: 'ok' | 'gap' | 'fork';
  /** Number of the probe that this answers; 0 for an acknowledgement of a batch. */
  readonly probed: number;
  /** Absent from a head that does not tell yet. */
  readonly quarantined?: QuarantineReport;
}

/** Answer to `fetch`: own events after `afterSeq`, in order. */
export interface Own extends ToBranch {
  readonly kind: 'own';
  readonly afterSeq: number;
  /** The head's hashes at `afterSeq` and behind the last of the events. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly events: readonly Uint8Array[];
  /** Where the head's copy of the log ends. */
  readonly end: ChainPoint;
}

export interface Grant extends ToBranch {
  readonly kind: 'grant';
  /** The first of `LIMITS.grantedEpochs`. */
  readonly epoch: number;
}

/** Answer to `pull`. `upTo` is where the cursor stands after these events; `end` when that is all there is. */
export interface Pulled extends ToBranch {
  readonly kind: 'pulled';
  readonly feedEpoch: number;
  readonly after: number;
  readonly events: readonly FedEvent[];
  readonly upTo: Pick<FeedCursor, 'position' | 'hash'>;
  readonly end: boolean;
}

/** Every 15 s: where the subscription ends, so that a lost last message is seen. */
export interface Beacon extends ToBranch {
  readonly kind: 'beacon';
  readonly feedEpoch: number;
  readonly feedEnd: number;
  /** End of the head's log. */
  readonly position: number;
  readonly safeSeq: number;
  /** Which process says so: see `FeedRun.source`. */
  readonly source: string;
}

/** To the live copy: what a fenced one wrote. Re-append it from `epoch` on, then say `adopted`. */
export interface Adopt extends ToBranch {
  readonly kind: 'adopt';
  readonly from: string;
  readonly epoch: number;
  readonly common: ChainPoint;
  readonly events: readonly Uint8Array[];
}

/** The head does not know the session, as after its restart: only a greeting shows whether it still holds what it held. */
export interface GreetAgain extends ToBranch {
  readonly kind: 'greet-again';
  /** While another process claims the office: a greeting that repeats it was written after this, by one that lives. */
  readonly token?: string;
}

export interface StrandedTaken extends ToBranch {
  readonly kind: 'stranded-taken';
}

export interface ReturnedTaken extends ToBranch {
  readonly kind: 'returned-taken';
}

export type ControlMessage =
  | Welcome
  | Refused
  | Ack
  | Own
  | Grant
  | Pulled
  | Beacon
  | Adopt
  | StrandedTaken
  | ReturnedTaken
  | GreetAgain;

/** What a branch receives. */
export type DownMessage = ControlMessage | FeedRun;
