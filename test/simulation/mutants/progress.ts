import type { Catch, HuntEvents } from './hunt-all.ts';
import { wordsOf } from './report.ts';

/** How far it has come, on the error output: one line that goes on, and one for each result. */
export class Progress implements HuntEvents {
  readonly #total: number;
  readonly #isWatched = process.stderr.isTTY;
  readonly #beginMs = performance.now();
  #ended = 0;
  #seeds = 0;

  constructor(total: number) {
    this.#total = total;
  }

  seedRun(): void {
    this.#seeds += 1;
    this.#show();
  }

  ended(result: Catch): void {
    this.#ended += 1;
    const name = result.mutant?.name ?? 'the program as it is';
    const caught = result.seed === null ? `${result.seedsRun} seeds` : `seed ${result.seed}`;
    this.#clear();
    process.stderr.write(`[${this.#ended}/${this.#total}] ${name}: ${caught}: ${wordsOf(result)}\n`);
    this.#show();
  }

  end(): void {
    this.#clear();
  }

  #show(): void {
    if (!this.#isWatched) return;
    const seconds = Math.round((performance.now() - this.#beginMs) / 1000);
    this.#clear();
    process.stderr.write(`${this.#ended} of ${this.#total} done, ${this.#seeds} seeds, ${seconds} s`);
  }

  #clear(): void {
    if (this.#isWatched) process.stderr.write('\r\x1b[K');
  }
}
