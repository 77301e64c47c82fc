import { sameBytes } from '../../../domain/chain.ts';
import { lifeOf } from '../../../domain/clock.ts';
import { dotName, entityName } from '../../../domain/event.ts';
import type { EventRow } from '../../../mixins/store/store.ts';
import type { DiskCommit, MemoryDisk } from '../memory-store.ts';

/** What must hold after every single commit, looked at as cheaply as can be. */
export function checkCommit(disk: MemoryDisk, { inserted, log }: DiskCommit): string[] {
  const flaws: string[] = [];
  const { events, waiting, displaced } = disk.tables;
  const own = disk.role === 'branch' ? events.ofOfficeAfter(log.office, log.tail.seq - 1) : [];
  if (disk.role === 'branch' && log.tail.seq > 0) {
    const last = own.at(-1);
    const isTail = last?.event.seq === log.tail.seq && sameBytes(last.hash, log.tail.hash);
    if (!isTail)
      flaws.push(`the tail says ${log.tail.seq}, the log ends with ${last?.event.seq ?? 'nothing'}`);
  }
  const top = events.positions().at(-1) ?? 0;
  if (top !== log.position && topWith(displaced.values(), top) !== log.position)
    flaws.push(`position ${log.position}, but the last event stands at ${top}`);
  if (waiting.size !== log.waiting) flaws.push(`${log.waiting} events should wait, not ${waiting.size}`);
  for (const { position } of inserted) {
    const row = events.at(position); // a repair writes first and judges then
    if (row?.status === 'applied') flaws.push(...missingCauses(disk, row));
  }
  return flaws;
}

function topWith(displaced: Iterable<EventRow>, top: number): number {
  return Math.max(top, ...[...displaced].map(({ position }) => position));
}

/** Every event on this entity that its author had seen is applied here, too. */
export function missingCauses(disk: MemoryDisk, { event }: EventRow): string[] {
  const flaws: string[] = [];
  for (const [life, seq] of Object.entries(event.clock)) {
    if (life === lifeOf(event)) continue;
    const [office = '', epoch = ''] = life.split('@');
    const cause = disk.tables.events.byDot(dotName({ office, epoch: Number(epoch), seq }));
    const isThere =
      cause !== undefined && cause.status === 'applied' && entityName(cause.event) === entityName(event);
    if (!isThere) flaws.push(`${dotName(event)} is applied without its cause ${life}:${seq}`);
  }
  return flaws;
}
