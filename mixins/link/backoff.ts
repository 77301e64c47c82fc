import { setTimeout as pause } from 'node:timers/promises';
import { jittered } from '../../domain/sync/limits.ts';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Pauses that double, with jitter, until the longest; they can be cut short and begun anew. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #signal: AbortSignal;
  #firstMs: number;
  #attempt = 0;
  #eased = { longestMs: Infinity, untilMs: 0 };
  #wake: AbortController | undefined;

  constructor(options: BackoffOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#firstMs = options.firstMs;
  }

  /** Returns early, without an error, when the signal is aborted. */
  async pause(): Promise<void> {
    const delayMs = Math.min(this.#firstMs * 2 ** Math.min(this.#attempt++, 20), this.#longestMs());
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#signal, this.#wake.signal]);
    await pause(jittered(delayMs, Math.random()), undefined, { signal }).catch(() => undefined);
  }

  /** Begins again with the shortest pause. */
  reset(): void {
    this.#attempt = 0;
    this.#firstMs = this.#options.firstMs;
  }

  /** For so long, no pause is longer than `longestMs`. */
  ease(longestMs: number, forMs: number): void {
    this.#eased = { longestMs, untilMs: performance.now() + forMs };
  }

  /** Ends a pause under way and begins again with `firstMs`: what was waited for is expected any moment. */
  hurry(firstMs: number): void {
    this.#attempt = 0;
    this.#firstMs = firstMs;
    this.#wake?.abort();
  }

  #longestMs(): number {
    const { longestMs } = this.#options;
    return performance.now() < this.#eased.untilMs ? Math.min(longestMs, this.#eased.longestMs) : longestMs;
  }
}
