import { MAX_DRIFT_MS, wallMsOf } from '../../../domain/hlc.ts';
import type { DiskCommit, MemoryDisk } from '../memory-store.ts';
import type { Site } from '../site.ts';

/** Hybrid times go on, whatever the wall clock does, and nobody's wrong clock drags them along. */
export class Times {
  readonly #last = new Map<MemoryDisk, string>();

  /** `siblings`: all that ever had this office's log on their disk. */
  flawsOf(siblings: readonly Site[], disk: MemoryDisk, { log }: DiskCommit): string[] {
    const flaws: string[] = [];
    const last = this.#last.get(disk) ?? '';
    this.#last.set(disk, log.at);
    if (log.at < last) flaws.push(`the time went back from ${last} to ${log.at}`);
    const highestMs = Math.max(...siblings.map(({ clock }) => clock.highestMs));
    const aheadMs = wallMsOf(log.at) - highestMs;
    if (aheadMs > MAX_DRIFT_MS)
      flaws.push(`the time is ${log.at}, ${aheadMs} ms ahead of any clock that this office ever had`);
    return flaws;
  }
}
