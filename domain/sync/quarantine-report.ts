/** What the head keeps of one office and will never apply by itself: how many events, and the first of them. */
export interface QuarantineReport {
  readonly count: number;
  readonly items: readonly QuarantinedItem[];
}

export interface QuarantinedItem {
  readonly epoch: number;
  readonly seq: number;
  readonly type: string;
  readonly dataset: string;
  readonly entityId: string;
  /** Stable: `not-allowed`, `unknown-type`, `invalid-data`, ... */
  readonly reason: string;
  readonly detail: string;
}

export const NOTHING_QUARANTINED: QuarantineReport = Object.freeze({ count: 0, items: [] });
