import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 8;

/** Of long work in this process: others have a turn between them. `if (slices.isOver) await slices.next()` */
export class Slices {
  #endMs = performance.now() + SLICE_MS;

  get isOver(): boolean {
    return performance.now() >= this.#endMs;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#endMs = performance.now() + SLICE_MS;
  }
}
