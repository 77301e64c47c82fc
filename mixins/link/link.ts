import type { OfficeId } from '../../domain/event.ts';
import type { LinkTrouble } from '../../domain/sync/branch-state.ts';
import type {
  ControlMessage,
  DownMessage,
  FeedRun,
  Subscription,
  UpMessage,
} from '../../domain/sync/messages.ts';

/**
 * The two ends of a link. Adapters: in-process and AMQP, held to one contract suite
 * (test/contract/link.contract.ts). An adapter carries messages; it decides nothing about them.
 *
 * Promises of every adapter:
 * - `send`, `sendControl`, `publishFeed` resolve only when the broker has taken the message and routed it to a
 *   queue (in-process: when it is queued at the other end), and reject with a DomainError otherwise:
 *   `link-unavailable` (transient: down, blocked past the deadline, channel lost), `link-unroutable`
 *   (nobody has declared the queue), `message-too-large`.
 * - Messages of one sender arrive in the order sent; some may be missing or doubled after a reconnection.
 * - At a branch one handler runs at a time. At the head, one for each office; offices do not wait for each other.
 * - The handler of a message returns when the message is dealt with; only then is it acknowledged to the broker.
 *   A handler that throws leaves the message unacknowledged and is reported through `onProblem`; the connection lives.
 *   After a pause the message is handled again, before those that follow it. One whose failure is not transient
 *   (`isTransient`) is given up after six attempts (`message-given-up`): what it carried is asked for again.
 * - After `consumeFeed(false)` or `consumeUp(false)` no handler begins; what was handed out stays in the queue.
 * - Connections are made and made again by the adapter itself, with jittered backoff, until `stop`.
 *   A broker that is away at the start is no error.
 */
export interface LinkEvents {
  /** Connected and ready to send and receive. Called again after every reconnection. */
  onUp(): void;
  /** Not connected (any more). `reason` is for people; never contains credentials. Blocked by the broker counts. */
  onDown(reason: string, type?: LinkTrouble): void;
  /** Something worth an alarm that does not end the connection (undecodable message, handler that threw). */
  onProblem(problem: LinkProblem): void;
}

export interface LinkProblem {
  /**
   * Stable: `undecodable` or `wire-version-unknown` (the message is dropped), `handler-failed`, `message-given-up`,
   * `declaration-refused`, `consume-refused`.
   */
  readonly type: string;
  readonly detail: string;
  /** At the head: whose message it was, when known. */
  readonly office?: OfficeId;
}

export interface BranchLinkEvents extends LinkEvents {
  /** A control message or a run of the feed. */
  onMessage(message: DownMessage): Promise<void>;
}

export interface BranchLink {
  start(events: BranchLinkEvents): Promise<void>;
  send(message: UpMessage): Promise<void>;
  /** Stops or goes on consuming the feed; control messages always flow. */
  consumeFeed(wanted: boolean): Promise<void>;
  /** Ends in good order: waits for confirms under way up to a deadline, then closes. */
  stop(): Promise<void>;
}

export interface HeadLinkEvents extends LinkEvents {
  onMessage(message: UpMessage): Promise<void>;
}

export interface HeadLink {
  start(events: HeadLinkEvents): Promise<void>;
  /**
   * Declares and binds (again) everything a branch needs. Idempotent. Remembered: done anew after every
   * reconnection, and at once when a queue turns out to be missing. While there is no connection it is only remembered.
   * `subscribe` null: only the way for answers, no feed (a refused office, a fenced copy); not remembered.
   * `instance`: the process of the branch that the answers are for, if its link was made with one.
   */
  declareBranch(office: OfficeId, subscribe: Subscription | null, instance?: string): Promise<void>;
  /** Deletes the queues of a retired branch, if need be after the next reconnection. */
  forgetBranch(office: OfficeId): Promise<void>;
  /** Works for every office, declared or not: whoever asked gets an answer. */
  sendControl(office: OfficeId, message: ControlMessage, instance?: string): Promise<void>;
  /** One publish, whoever subscribes to the stream. Resolves also when nobody does. */
  publishFeed(run: FeedRun): Promise<void>;
  /** What the broker refuses to make as the link needs it, most often because it is there and different; else null. */
  readonly refused?: LinkProblem | null;
  /** While the head's database is away nothing is consumed. */
  consumeUp(wanted: boolean): Promise<void>;
  stop(): Promise<void>;
}
