import type { OfficeId } from '../../domain/event.ts';
import type { ControlMessage, DownMessage, FeedRun, Subscription, UpMessage } from '../../domain/sync/messages.ts';

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
 * - The handler of a message returns when the message is dealt with; only then is it acknowledged to the broker.
 *   A handler that throws leaves the message unacknowledged and is reported through `onProblem`; the connection lives.
 * - Connections are made and made again by the adapter itself, with jittered backoff, until `stop`.
 *   A broker that is away at the start is no error.
 */
export interface LinkEvents {
  /** Connected and ready to send and receive. Called again after every reconnection. */
  onUp(): void;
  /** Not connected (any more). `reason` is for people; never contains credentials. Blocked by the broker counts: `blocked: ...`. */
  onDown(reason: string): void;
  /** Something worth an alarm that does not end the connection (undecodable message, handler that threw). */
  onProblem(problem: LinkProblem): void;
}

export interface LinkProblem {
  /** Stable: `undecodable`, `handler-failed`, `declaration-refused`, ... */
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
  /** Declares and binds (again) everything a branch needs. Idempotent. Remembered: done anew after every reconnection. */
  declareBranch(office: OfficeId, subscribe: Subscription): Promise<void>;
  /** Deletes the queues of a retired branch. */
  forgetBranch(office: OfficeId): Promise<void>;
  sendControl(office: OfficeId, message: ControlMessage): Promise<void>;
  /** One publish, whoever subscribes to the stream. Resolves also when nobody does. */
  publishFeed(run: FeedRun): Promise<void>;
  /** While the head's database is away nothing is consumed. */
  consumeUp(wanted: boolean): Promise<void>;
  stop(): Promise<void>;
}
