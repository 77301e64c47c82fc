import { dotName } from '../../../domain/event.ts';
import type { DiskCommit, MemoryDisk } from '../memory-store.ts';

/** The head takes nothing from an office that it has retired. */
export function checkRetired(disk: MemoryDisk, { inserted }: DiskCommit): string[] {
  if (disk.role !== 'head') return [];
  return inserted
    .filter(({ event }) => disk.reads.office(event.office)?.status === 'retired')
    .map(({ event }) => `took ${dotName(event)} from a retired office`);
}
