import { sameBytes } from '../../domain/chain.ts';
import { dotName, type LoggedEvent, type OfficeId } from '../../domain/event.ts';
import type { EventRow } from '../../mixins/store/store.ts';
import type { MemoryDisk } from './memory-store.ts';
import type { Site } from './site.ts';

/** Which events are, and ever were, on whose disks. */
export class Whereabouts {
  readonly #sites: readonly Site[];
  /** Ids by author. */
  readonly #everAtHead = new Map<OfficeId, Set<string>>();
  readonly #everAtBranch = new Map<OfficeId, Set<string>>();

  constructor(sites: readonly Site[]) {
    this.#sites = sites;
  }

  note(site: Site, { event }: LoggedEvent): void {
    const ever = site.role === 'head' ? this.#everAtHead : this.#everAtBranch;
    const ids = ever.get(event.office) ?? new Set();
    if (ids.size === 0) ever.set(event.office, ids);
    ids.add(event.id);
  }

  /** The head holds all that it ever accepted of an office. */
  isWhole(office: OfficeId): boolean {
    const { disk } = this.#sites.find((site) => site.role === 'head')!;
    const { events } = disk.tables;
    return [...(this.#everAtHead.get(office) ?? [])].every((id) => events.holds(office, id));
  }

  /** The head holds all of its own that this office holds: it has lost nothing that is still to be returned. */
  isHeadWholeFor({ disk }: Site): boolean {
    const head = this.#sites.find((site) => site.role === 'head')!;
    const ofHead = disk.tables.events.inOrder().filter(({ event }) => event.office === head.office);
    return ofHead.every(({ event }) => head.disk.tables.events.holds(head.office, event.id));
  }

  isLostBy(office: OfficeId, id: string, site: Site, disk: MemoryDisk): boolean {
    const isHeld = (one: MemoryDisk) => one.tables.events.holds(office, id);
    if (isHeld(disk)) return false;
    return !this.#sites.some(
      (other) => other !== site && this.#answersFor(other, office) && isHeld(other.disk),
    );
  }

  /** Whose disks count: an office's own and the head's; for the head's events every branch returns what it holds. */
  #answersFor(site: Site, author: OfficeId): boolean {
    if (site.isRemoved) return false;
    return site.role === 'head' || site.office === author || author === this.#headOffice();
  }

  /** Somebody else than its author has had it. */
  hadLeft(office: OfficeId, id: string): boolean {
    const elsewhere = office === this.#headOffice() ? this.#everAtBranch : this.#everAtHead;
    return elsewhere.get(office)?.has(id) ?? false;
  }

  #headOffice(): OfficeId {
    return this.#sites.find((site) => site.role === 'head')!.office;
  }

  /** This very row came from somebody else. */
  isElsewhere(site: Site, { event, hash }: EventRow): boolean {
    return this.#sites.some((other) => {
      const held = other === site ? undefined : other.disk.tables.events.byDot(dotName(event));
      return held !== undefined && sameBytes(held.hash, hash);
    });
  }
}
