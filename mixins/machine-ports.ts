import { getRandomValues, hash } from 'node:crypto';
import { v7 } from 'uuid';
import type { Ports } from '../domain/ports.ts';

const ID_BYTES = 16;

/** Fetching randomness costs as much for 4 KiB as for one id, and every sale takes two ids. */
class RandomPool {
  readonly #pool = new Uint8Array(256 * ID_BYTES);
  #used = this.#pool.length;

  next(): Uint8Array {
    if (this.#used === this.#pool.length) {
      getRandomValues(this.#pool);
      this.#used = 0;
    }
    this.#used += ID_BYTES;
    return this.#pool.subarray(this.#used - ID_BYTES, this.#used);
  }
}

const pool = new RandomPool();

/** What the pure code needs of this machine: its hashing, clock and chance. */
export const machinePorts: Ports = {
  // One call into the engine costs less than a hash object, even where parts have to be joined for it.
  sha256: (...parts) => hash('sha256', parts.length === 1 ? parts[0]! : Buffer.concat(parts), 'buffer'),
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  newId: () => v7({ random: pool.next() }),
  random: () => Math.random(),
};
