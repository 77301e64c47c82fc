import { chainHash, sameBytes, ZERO_HASH } from '../../../domain/chain.ts';
import { dotName, type OfficeId } from '../../../domain/event.ts';
import { machinePorts } from '../../../mixins/machine-ports.ts';
import type { DiskCommit, MemoryDisk } from '../memory-store.ts';

/**
 * After every commit: of each log that is held from end to end, count = count of seqs = last seq, and what was added
 * is chained to what was there. The head's own log may have holes: what it lost in a restore comes back by and by.
 */
export function checkGapFree(disk: MemoryDisk, { inserted, displaced, log }: DiskCommit): string[] {
  const firsts = new Map<OfficeId, number>();
  for (const { event } of [...inserted, ...displaced]) {
    const isWhole = disk.role === 'branch' ? event.office === log.office : event.office !== log.office;
    if (isWhole) firsts.set(event.office, Math.min(firsts.get(event.office) ?? event.seq, event.seq));
  }
  return [...firsts].flatMap(([office, first]) => [
    ...flawsOfCount(disk, office),
    ...flawsOfChain(disk, office, first),
  ]);
}

function flawsOfCount({ tables: { events } }: MemoryDisk, office: OfficeId): string[] {
  const count = events.countOf(office);
  const last = events.newestOf(office)?.event.seq ?? 0;
  return count === last ? [] : [`${count} events of ${office} go up to ${last}`];
}

/** From a seq on. */
function flawsOfChain({ tables: { events } }: MemoryDisk, office: OfficeId, first: number): string[] {
  const rows = events.ofOfficeAfter(office, first - 2);
  const before = first === 1 ? null : rows.shift();
  if (before !== null && before?.event.seq !== first - 1) return [`${office}:${first - 1} is missing`];
  let hash = before === null ? ZERO_HASH : before.hash;
  let seq = first - 1;
  for (const row of rows) {
    if (row.event.seq !== (seq += 1)) return [`${dotName(row.event)} stands at ${seq}`];
    if (!sameBytes(chainHash(machinePorts, hash, row.bytes), row.hash))
      return [`the chain of ${office} breaks at ${dotName(row.event)}`];
    hash = row.hash;
  }
  return [];
}
