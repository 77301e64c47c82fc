/**
 * Hybrid logical clock (Kulkarni et al. 2014): wall time that never goes back and orders after what was
 * seen. Written `2026-04-01T09:30:00.123Z/0000`: fixed width, so text order is time order. It breaks ties
 * only; happens-before is the vector clock's.
 */
export type HybridTime = string;

export const HYBRID_TIME_PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\/[0-9a-f]{4}$/;
export const START_OF_TIME: HybridTime = '1970-01-01T00:00:00.000Z/0000';
/** An office never adopts a remote time further ahead of its own than this. */
export const MAX_DRIFT_MS = 5 * 60 * 1000;
const MAX_COUNT = 0xffff;
/** The end of the year 9999: later ones are not four digits. */
const MAX_MS = 253_402_300_799_999;

export function hybridTime(ms: number, count: number): HybridTime {
  return `${new Date(ms).toISOString()}/${count.toString(16).padStart(4, '0')}`;
}

export function wallMsOf(time: HybridTime): number {
  return Date.parse(time.slice(0, 24));
}

function countOf(time: HybridTime): number {
  return Number.parseInt(time.slice(25), 16);
}

/** The next time of an office whose last one was `last`. */
export function tick(last: HybridTime, nowMs: number): HybridTime {
  const lastMs = wallMsOf(last);
  const wallMs = Math.min(Math.floor(nowMs), MAX_MS);
  if (wallMs > lastMs) return hybridTime(wallMs, 0);
  const count = countOf(last) + 1;
  if (count <= MAX_COUNT) return hybridTime(lastMs, count);
  return lastMs < MAX_MS ? hybridTime(lastMs + 1, 0) : last;
}

export type Adopted = { readonly time: HybridTime; readonly tooFarAheadMs: number | null };

/** Takes notice of a remote time; one too far ahead is not adopted, and `tooFarAheadMs` raises the alarm. */
export function adopt(last: HybridTime, remote: HybridTime, nowMs: number): Adopted {
  const aheadMs = wallMsOf(remote) - nowMs;
  if (aheadMs > MAX_DRIFT_MS) return { time: last, tooFarAheadMs: aheadMs };
  return { time: remote > last ? remote : last, tooFarAheadMs: null };
}
