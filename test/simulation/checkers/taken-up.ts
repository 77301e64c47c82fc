import { dotName } from '../../../domain/event.ts';
import type { EventRow } from '../../../mixins/store/store.ts';
import type { DiskCommit, MemoryDisk } from '../memory-store.ts';
import type { Site } from '../site.ts';
import { datasetsOf } from '../site-datasets.ts';

/**
 * A dataset that an office has taken up, and that its program does not declare, is known in every commit after. What comes
 * in one commit with its declaration may wait, and is taken in later.
 */
export class TakenUp {
  /** How many changes of datasets a disk knew at its last commit. */
  readonly #definitions = new WeakMap<MemoryDisk, number>();

  flawsOfCommit(
    { program }: Pick<Site, 'program'>,
    disk: MemoryDisk,
    { inserted, log }: DiskCommit,
  ): string[] {
    const isChanged = this.#definitions.get(disk) !== log.definitions;
    this.#definitions.set(disk, log.definitions);
    const { waiting } = disk.tables;
    const unknown = inserted.filter(({ position }) => waiting.get(position)?.reason === 'unknown-dataset');
    if (isChanged || unknown.length === 0) return [];
    const { named } = datasetsOf({ disk, program });
    const isAdded = ({ event }: EventRow) =>
      program.named(event.dataset) === null && named(event.dataset) !== null;
    return unknown
      .filter(isAdded)
      .map(({ event }) => `${dotName(event)} waits, though "${event.dataset}" was taken up before`);
  }
}
