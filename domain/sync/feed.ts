// What flows down, through `branchline.down`, and how far a branch has read it.

/**
 * Where the feed was read up to: `hash` is that of the event at `position` in the head's log, or ZERO_HASH when that
 * is not known (at the start, and right after the head has set the position back).
 */
export interface FeedCursor {
  readonly feedEpoch: number;
  readonly position: number;
  readonly hash: Uint8Array;
}

/** An event on its way: the hash travels where the receiver cannot chain it itself. */
export interface HashedBytes {
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}

export interface FedEvent extends HashedBytes {
  /** In the head's log. */
  readonly position: number;
}

/**
 * One run of the head's log for one stream: an office's scope by the head's pen, `shared`, or `all`.
 * `previous` names the subscription's position before this run, so that a lost message is seen:
 * for an `own` subscriber it is the later of `shared` and its scope, for an `all` subscriber `all`.
 */
export interface FeedRun {
  readonly kind: 'feed';
  readonly feedEpoch: number;
  /** New whenever somebody begins to publish. Between two of them the head may have been restored from a backup. */
  readonly source: string;
  readonly stream: string;
  readonly previous: {
    readonly all: number;
    readonly shared: number;
    readonly scopes: Readonly<Record<string, number>>;
  };
  readonly events: readonly FedEvent[];
}
