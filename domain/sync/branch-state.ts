import type { ChainPoint } from '../chain.ts';
import type { LoggedEvent, OfficeId } from '../event.ts';
import type {
  Adopt,
  DownMessage,
  FedEvent,
  FeedCursor,
  HeadTip,
  KnownDatasets,
  Hello,
  Own,
  QuarantineReport,
  RefusalReason,
  Subscription,
  UpMessage,
  Welcome,
} from './messages.ts';

/**
 * What the branch's machine remembers. It is rebuilt from the database at every start: losing it costs a greeting.
 *
 *            link up, wanted                welcome
 *   offline ----------------> greeting -------------> locating --+--> streaming (normal)
 *      ^  ^                      |  ^                            +--> returning --> locating   (head was restored)
 *      |  '--- not wanted: idle  |  '--- anything unclear -------+--> aligning --> streaming   (branch is behind)
 *      '------ link down         '-> refused, fenced             '--> aligning --> forking --> greeting  (fork)
 *
 * A fenced office that is claimed greets as well: refused for another copy that is alive, it is fenced again; once it
 * streams it is fenced no more.
 *
 * Nothing is applied or sent from the log in any phase but streaming.
 */
export type Phase =
  | { readonly name: 'offline' }
  | { readonly name: 'idle' }
  | { readonly name: 'greeting' }
  | { readonly name: 'locating'; readonly welcome: Welcome }
  | { readonly name: 'returning'; readonly welcome: Welcome }
  | {
      readonly name: 'aligning';
      readonly welcome: Welcome;
      readonly common: ChainPoint;
      readonly tail: readonly LoggedEvent[];
      /** A page is being held against the own log: it may come twice. */
      readonly isMatching: boolean;
    }
  | {
      readonly name: 'forking';
      /** The repair is under way: a grant that comes twice must not begin another one on top of it. */
      readonly isGranted: boolean;
      readonly common: ChainPoint;
      readonly tail: readonly LoggedEvent[];
      readonly end: ChainPoint;
    }
  | { readonly name: 'streaming' }
  | { readonly name: 'refused'; readonly reason: RefusalReason; readonly detail: string }
  | { readonly name: 'fenced'; readonly handedOver: boolean };

/** A batch that was given to the link and is not yet acknowledged by the head. */
export interface InFlight {
  readonly lastSeq: number;
  readonly lastHash: Uint8Array;
  readonly bytes: number;
}

export interface UpState {
  /** Next seq to be read and sent. */
  readonly nextSeq: number;
  readonly reading: boolean;
  readonly inFlight: readonly InFlight[];
  /** Where the last rewind went; another report of the same gap within one round trip is ignored. */
  readonly rewoundTo: number | null;
  /** Probes in a row that were not answered yet. */
  readonly probes: number;
  readonly probeAtMs: number;
  /** The last probe, and the place that it followed: its answer proves nothing about later ones. */
  readonly probe: number;
  readonly probedTo: number;
}

export const UNKNOWN_END = Number.MAX_SAFE_INTEGER;

export interface FeedState {
  readonly cursor: FeedCursor;
  /** Last position of the subscription, as far as the branch has heard; UNKNOWN_END until the head has said it anew. */
  readonly end: number;
  readonly applying: boolean;
  readonly pulling: boolean;
  /** Of the runs and the beacons that fit behind the cursor: see `FeedRun.source`. '' before the first of a session. */
  readonly runsFrom: string;
  readonly beaconsFrom: string;
  /** Pulls in a row without an answer: asked at growing distances, so that a slow line is not filled with them. */
  readonly pulls: number;
  /** A run came, or a sync was asked for, since the pull under way was sent: its answer need not say where the feed ends. */
  readonly outrun: boolean;
}

/** What was there when a sync was asked for: what is sold and written meanwhile must not put off its end for ever. */
export interface Asked {
  /** Own seq that the head is to acknowledge. */
  readonly upTo: number;
  /** Position that the feed is to reach; UNKNOWN_END until the head has said it. */
  readonly feedTo: number;
  /** Number of the probe whose answer brings what the head reports; 0 when there is none to wait for. */
  readonly probe: number;
}

export interface BranchState {
  readonly office: OfficeId;
  readonly instance: string;
  readonly program: string;
  readonly mode: 'auto' | 'manual';
  /** What this branch asks to be fed with. */
  readonly subscribe: Subscription;
  /** What the head feeds it with, as far as it was heard. */
  readonly granted: Subscription;
  readonly paused: boolean;
  /** Inside the hours in which this office syncs by itself. */
  readonly isWindowOpen: boolean;
  /** A `sync now` that is not over yet; also in manual mode the branch stays until it is. */
  readonly asked: Asked | null;
  readonly linkUp: boolean;
  readonly fenced: boolean;
  /** Somebody claimed this fenced office: it greets, and sells nothing until the head has let it in. */
  readonly claiming: boolean;
  readonly phase: Phase;
  readonly nonce: string;
  readonly session: number;
  readonly last: ChainPoint;
  /** `last` as the greeting under way named it. */
  readonly greetedLast: ChainPoint;
  readonly acked: ChainPoint;
  readonly safeSeq: number;
  readonly up: UpState;
  readonly feed: FeedState;
  /** Failed attempts in a row. */
  readonly attempts: number;
  /** When to act again if nothing comes: greet again, ask again. */
  readonly deadlineMs: number;
  readonly lastContactAtMs: number;
  /** What the next greeting repeats, for the head to know that this process lives. */
  readonly answers: string;
  /** What the last greeting said of them, and what they have come to in this process; null when they are as they were. */
  readonly datasets: {
    readonly said: KnownDatasets;
    readonly now: KnownDatasets | null;
    readonly tellAtMs: number;
  };
  /** Own events that the head keeps and does not apply, as it said last. */
  readonly quarantined: QuarantineReport;
  /** For people: why nothing moves; null when all is well. */
  readonly problem: { readonly type: string; readonly detail: string } | null;
}

/**
 * Why there is no link: the broker is not reached; is short of memory or disk, and takes nothing; does not let this
 * office in; or the head has not been there yet.
 */
export type LinkTrouble = 'link-unavailable' | 'link-blocked' | 'link-refused' | 'link-unroutable';

export type BranchInput =
  | { readonly on: 'link-up' }
  | { readonly on: 'link-down'; readonly reason: string; readonly type?: LinkTrouble }
  | { readonly on: 'tick' }
  | { readonly on: 'window'; readonly isOpen: boolean }
  | { readonly on: 'appended'; readonly last: ChainPoint }
  | { readonly on: 'datasets-changed'; readonly datasets: KnownDatasets }
  | { readonly on: 'pause' | 'resume' | 'sync-now' | 'claim' | 'stop' }
  | { readonly on: 'message'; readonly message: DownMessage }
  | {
      readonly on: 'send-failed';
      readonly kind: UpMessage['kind'];
      readonly nonce: string;
      readonly type: string;
      readonly detail: string;
    }
  // results of effects
  | { readonly on: 'greeting-read'; readonly nonce: string; readonly position: GreetingPosition }
  | { readonly on: 'located'; readonly nonce: string; readonly hashAtCursor: Uint8Array | null }
  | { readonly on: 'own-read'; readonly nonce: string; readonly run: OwnRun }
  | { readonly on: 'feed-applied'; readonly cursor: FeedCursor }
  | {
      readonly on: 'own-matched';
      readonly nonce: string;
      readonly common: ChainPoint;
      readonly rest: readonly LoggedEvent[];
      readonly end: ChainPoint;
    }
  | { readonly on: 'own-restored'; readonly last: ChainPoint }
  | { readonly on: 'reforked'; readonly last: ChainPoint }
  | { readonly on: 'adopted'; readonly from: string; readonly last: ChainPoint }
  | { readonly on: 'unfenced' }
  /** An effect could not be carried out; `retry` when it may pass by itself. */
  | {
      readonly on: 'failed';
      readonly effect: BranchEffect['do'];
      readonly type: string;
      readonly detail: string;
      readonly retry: boolean;
    };

/** Own events as they go on the wire. */
export interface OwnRun {
  readonly before: ChainPoint;
  readonly after: ChainPoint;
  readonly events: readonly Uint8Array[];
}

/** What a greeting says, as one consistent read of the database finds it. */
export interface GreetingPosition extends Pick<Hello, 'session' | 'last' | 'acked' | 'feed'> {
  readonly headTips: readonly HeadTip[];
  readonly datasets: KnownDatasets;
}

export type BranchEffect =
  | { readonly do: 'send'; readonly message: UpMessage }
  | { readonly do: 'read-greeting'; readonly nonce: string }
  /** Saves the session granted and whose head it is, then reads the own hash at `seq`. */
  | {
      readonly do: 'locate';
      readonly nonce: string;
      readonly head: OfficeId;
      readonly session: number;
      readonly seq: number;
    }
  | { readonly do: 'read-own'; readonly nonce: string; readonly after: number }
  | { readonly do: 'save-acked'; readonly acked: ChainPoint; readonly safeSeq: number }
  /** Applies the events and moves the cursor in one transaction. */
  | {
      readonly do: 'apply-feed';
      readonly from: FeedCursor;
      readonly to: FeedCursor;
      readonly events: readonly FedEvent[];
    }
  | { readonly do: 'move-feed'; readonly cursor: FeedCursor; readonly acked: ChainPoint }
  /** Compares with the own log while `tail` is empty, else only chains on to it. */
  | {
      readonly do: 'match-own';
      readonly nonce: string;
      readonly message: Own;
      readonly tail: readonly LoggedEvent[];
    }
  | { readonly do: 'restore-own'; readonly common: ChainPoint; readonly events: readonly LoggedEvent[] }
  | {
      readonly do: 'refork';
      readonly common: ChainPoint;
      readonly tail: readonly LoggedEvent[];
      readonly end: ChainPoint;
      readonly epoch: number;
    }
  | { readonly do: 'adopt'; readonly message: Adopt }
  /**
   * Fences this copy and, as the same transaction finds them, sends all own unacknowledged events as one `stranded`
   * message: nothing can be written behind its back.
   */
  | { readonly do: 'hand-over'; readonly nonce: string; readonly session: number }
  /** Sends the head's events held after `tip` as `returned` messages, the last marked. */
  | { readonly do: 'return-head'; readonly nonce: string; readonly tip: HeadTip | null }
  | { readonly do: 'unfence' }
  | { readonly do: 'save-quarantined'; readonly report: QuarantineReport }
  | { readonly do: 'save-paused'; readonly paused: boolean }
  | { readonly do: 'hold-appends'; readonly held: boolean }
  | { readonly do: 'consume-feed'; readonly wanted: boolean }
  /** A `sync now` has come to its end. */
  | { readonly do: 'drained' };

export interface BranchStep {
  readonly state: BranchState;
  readonly effects: readonly BranchEffect[];
}
