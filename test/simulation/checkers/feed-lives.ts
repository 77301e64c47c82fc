import type { MemoryDisk } from '../memory-store.ts';

/**
 * A head says that it was restored only when it was: once for each backup that it came back from, and once more for
 * each life of the feed that the backup did not know and that somebody may have followed.
 */
export class FeedLives {
  #allowed = 0;
  #begun = 0;

  /** The head comes back with an older disk. */
  restored(lost: MemoryDisk, backup: MemoryDisk): void {
    const known = new Set(backup.reads.logRow().feedForks.map(({ feedEpoch }) => feedEpoch));
    const forgotten = lost.reads.logRow().feedForks.filter(({ feedEpoch }) => !known.has(feedEpoch));
    this.#allowed += 1 + forgotten.length;
  }

  /** The head has found that it was restored. */
  flawsOfBeginning(): string[] {
    this.#begun += 1;
    if (this.#begun <= this.#allowed) return [];
    return [
      `the head found ${this.#begun} times that it was restored, which happened ${this.#allowed} times`,
    ];
  }
}
