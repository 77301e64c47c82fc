import { type ChainPoint, sameBytes } from '../../../domain/chain.ts';
import { dotName, type LoggedEvent, type OfficeId } from '../../../domain/event.ts';
import type { LogRow } from '../../../mixins/store/store.ts';
import type { DiskCommit, MemoryDisk } from '../memory-store.ts';

/**
 * Acknowledgements never run ahead of what is committed and safe, name what is there, and never go back unseen. Looked
 * at whenever the head says how far it has come, and whenever a branch commits.
 */
export class Acknowledgements {
  /** How far each office's log is safe on a disk of the head. */
  readonly #safe = new Map<MemoryDisk, ReadonlyMap<OfficeId, number>>();
  /** Places of logs that ever were on a disk of the head. */
  readonly #ever = new Set<string>();
  /** Of places that the head lost in a restore: the last such moment. */
  readonly #lost = new Map<string, number>();
  /** The moment at which each life of the feed began: whoever follows it has heard of the restores before. */
  readonly #begun = new Map<number, number>();
  #moments = 0;
  #head: MemoryDisk | null = null;
  readonly #before = new Map<MemoryDisk, Pick<LogRow, 'acked' | 'feed'>>();

  /** What the head has on its disk, at first and after every commit. */
  headHas(disk: MemoryDisk, events: Iterable<LoggedEvent>): void {
    this.#safe.set(disk, new Map(disk.reads.offices().map((row) => [row.office, row.cursor.seq])));
    for (const { event, hash } of events) this.#ever.add(placeName(event.office, event.seq, hash));
    const { feedEpoch } = disk.reads.logRow();
    if (!this.#begun.has(feedEpoch)) this.#begun.set(feedEpoch, (this.#moments += 1));
    this.#head = disk;
  }

  /** The head comes back with an older disk. */
  headRestored(before: MemoryDisk, backup: MemoryDisk): void {
    this.#moments += 1;
    for (const row of before.tables.events.rows.values()) {
      if (backup.tables.events.holdsRow(row)) continue;
      const { office, seq } = row.event;
      const { hash } = row;
      if (!isHeld(backup, office, seq, hash)) this.#lost.set(placeName(office, seq, hash), this.#moments);
    }
  }

  /** The head says that it has an office's log up to a place. */
  flawsOfClaim(disk: MemoryDisk, office: OfficeId, at: ChainPoint): string[] {
    if (at.seq === 0) return [];
    const safe = this.#safe.get(disk)?.get(office) ?? 0;
    if (at.seq > safe) return [`the head acknowledged ${office}:${at.seq}, but only ${safe} are safe there`];
    const held = disk.reads.pointAt(office, at.seq);
    if (held === null) return [`the head acknowledged ${office}:${at.seq}, which it does not hold`];
    const isSame = sameBytes(held.hash, at.hash) && held.epoch === at.epoch;
    return isSame ? [] : [`the head acknowledged another ${office}:${at.seq}`];
  }

  /** What a branch has saved as acknowledged. */
  flawsOfCommit(disk: MemoryDisk, { log }: DiskCommit): string[] {
    const before = this.#before.get(disk);
    this.#before.set(disk, { acked: log.acked, feed: log.feed });
    if (before?.acked === log.acked && before.feed.feedEpoch === log.feed.feedEpoch) return [];
    const { seq, hash } = log.acked;
    const flaws = isUnseenStepBack(before, log) ? [stepBack(before!, log)] : [];
    if (seq === 0) return flaws;
    const own = disk.reads.pointAt(log.office, seq);
    if (own === null || !sameBytes(own.hash, hash))
      flaws.push(`takes ${log.office}:${seq} for acknowledged, which it does not have`);
    else if (!this.#ever.has(placeName(log.office, seq, hash)))
      flaws.push(
        `takes ${dotName({ office: log.office, epoch: own.epoch, seq })} for acknowledged, which no head ever had`,
      );
    else if (this.#isKnownToBeLost(log))
      flaws.push(`takes ${log.office}:${seq} for acknowledged, which the head has lost, and has said so`);
    return flaws;
  }

  #isKnownToBeLost({ office, acked: { seq, hash }, feed: { feedEpoch } }: LogRow): boolean {
    const lost = this.#lost.get(placeName(office, seq, hash)) ?? Infinity;
    const begun = this.#begun.get(feedEpoch) ?? 0;
    return lost < begun && this.#head !== null && !isHeld(this.#head, office, seq, hash);
  }
}

function isHeld(disk: MemoryDisk, office: OfficeId, seq: number, hash: Uint8Array): boolean {
  const held = disk.reads.pointAt(office, seq);
  return held !== null && sameBytes(held.hash, hash);
}

function isUnseenStepBack(before: Pick<LogRow, 'acked' | 'feed'> | undefined, log: LogRow): boolean {
  const isAnnounced = before?.feed.feedEpoch !== log.feed.feedEpoch; // the head was restored, and says so
  return before !== undefined && log.acked.seq < before.acked.seq && !isAnnounced;
}

function stepBack({ acked }: Pick<LogRow, 'acked'>, log: LogRow): string {
  return `acknowledged was ${acked.seq} and is ${log.acked.seq}, and no head said that it was restored`;
}

function placeName(office: OfficeId, seq: number, hash: Uint8Array): string {
  return `${office} ${seq} ${Buffer.from(hash.buffer, hash.byteOffset, 8).toString('latin1')}`;
}
