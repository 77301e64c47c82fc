import type { Hasher } from './ports.ts';

/** A place in one office's log: everything up to and including `seq` has this hash. */
export interface ChainPoint {
  readonly epoch: number;
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** What the first event of every log is chained to. */
export const ZERO_HASH: Uint8Array = new Uint8Array(32);
export const START_OF_CHAIN: ChainPoint = Object.freeze({ epoch: 1, seq: 0, hash: ZERO_HASH });

/** SHA-256(previous hash || bytes): changing one event changes every hash after it. */
export function chainHash(hasher: Hasher, previous: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hasher.sha256(previous, bytes);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
