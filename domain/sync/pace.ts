import { BATCH_MAX_BYTES } from './batch.ts';

/** How much the line to the broker was seen to carry, as far as it decides how large a batch may be. */
export interface Pace {
  readonly batchBytes: number;
  readonly confirmedAtMs: number;
  readonly failedAtMs: number;
}

export interface SentBatch {
  readonly bytes: number;
  readonly sentAtMs: number;
  readonly confirmedAtMs: number;
}

export const FULL_PACE: Pace = { batchBytes: BATCH_MAX_BYTES, confirmedAtMs: 0, failedAtMs: 0 };

/** A batch is to take no longer: a whole window of eight is then 10 s of the line. */
const BATCH_MS = 1_250;
/** Smaller ones cost more in envelopes and transactions than they gain. */
const SMALLEST_BYTES = 16 * 1024;

/**
 * The broker's confirm tells what the line carries; the head's acknowledgement would tell how busy the head is. While
 * others are under way, a batch has the line to itself only from the confirm of the one before. At most a halving or
 * a doubling at a time (as TCP's slow start), so that one hiccup of the broker is soon made up for.
 */
export function paceAfterConfirm(pace: Pace, { bytes, sentAtMs, confirmedAtMs }: SentBatch): Pace {
  const tookMs = Math.max(1, confirmedAtMs - Math.max(sentAtMs, pace.confirmedAtMs));
  const wanted = (bytes * BATCH_MS) / tookMs;
  const isSlow = tookMs > BATCH_MS;
  const isQuick = 2 * tookMs <= BATCH_MS && 2 * bytes >= pace.batchBytes; // a short batch proves nothing
  const { batchBytes } = pace;
  if (isSlow) return { ...pace, batchBytes: within(Math.max(wanted, batchBytes / 2)), confirmedAtMs };
  const grown = isQuick ? Math.min(wanted, batchBytes * 2) : batchBytes;
  return { ...pace, batchBytes: within(grown), confirmedAtMs };
}

/**
 * A line that broke in the middle of a batch lets a smaller one through, perhaps. What was sent before the break was
 * noticed fails with it and says nothing more.
 */
export function paceAfterFailure(
  pace: Pace,
  { sentAtMs, failedAtMs }: { readonly sentAtMs: number; readonly failedAtMs: number },
): Pace {
  if (sentAtMs < pace.failedAtMs) return pace;
  return { ...pace, batchBytes: within(pace.batchBytes / 2), failedAtMs };
}

function within(bytes: number): number {
  return Math.round(Math.min(BATCH_MAX_BYTES, Math.max(SMALLEST_BYTES, bytes)));
}
