import type { DiskCommit } from '../memory-store.ts';

const FEW = 100;

/** Rulings settle something: there are never many more of them than of what people wrote. */
export class Endless {
  #rulings = 0;
  #others = 0;

  /** Of what the head commits. */
  flawsOf({ inserted }: DiskCommit): string[] {
    for (const { event } of inserted)
      if (event.type === 'ConflictResolved') this.#rulings += 1;
      else this.#others += 1;
    if (this.#rulings <= FEW + 2 * this.#others) return [];
    return [`the head has ruled ${this.#rulings} times over ${this.#others} events: without end`];
  }
}
