import type { Ports } from '../../domain/ports.ts';
import { testHasher } from './test-hasher.ts';

export const NOON_MS = Date.parse('2026-04-01T12:00:00.000Z');

/** Time that stands still until it is moved, ids that count, chance that never shortens a wait. */
export class TestPorts implements Ports {
  readonly sha256 = testHasher.sha256;
  #nowMs = NOON_MS;
  #ids = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  elapsedMs(): number {
    return this.#nowMs - NOON_MS;
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  newId(): string {
    this.#ids += 1;
    return `00000000-0000-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`;
  }

  random(): number {
    return 1 - Number.EPSILON;
  }
}
