/**
 * What the pure code needs from outside, handed in as values and synchronous functions.
 * Production gives node:crypto and the wall clock; the simulator gives its seeded world.
 */
export interface Hasher {
  /** SHA-256 (FIPS 180-4) of the parts, one after another. 32 bytes. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
}

export interface WallClock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May jump, forwards and backwards. */
  nowMs(): number;
  /** Milliseconds since some moment of this process, never jumping: all waiting is measured by it. */
  elapsedMs(): number;
}

export interface IdSource {
  /** A new UUIDv7 (RFC 9562), lower case. */
  newId(): string;
  /** A number in [0, 1): for jitter, never for ids. */
  random(): number;
}

export interface Ports extends Hasher, WallClock, IdSource {}
