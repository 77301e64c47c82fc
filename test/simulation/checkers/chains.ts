import { chainHash, sameBytes, ZERO_HASH } from '../../../domain/chain.ts';
import { decodeEvent, encodeEvent } from '../../../domain/canonical.ts';
import { dotName, type OfficeId } from '../../../domain/event.ts';
import { machinePorts } from '../../../mixins/machine-ports.ts';
import type { EventRow } from '../../../mixins/store/store.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';

/** Bytes are canonical, hashes chain, and one dot is one event everywhere. */
export function checkChains(scene: Scene): string[] {
  const flaws: string[] = [];
  const byDot = new Map<string, EventRow>();
  const links = new Links();
  for (const site of scene.sites()) {
    for (const row of site.disk.tables.events.inOrder()) {
      const name = dotName(row.event);
      const known = byDot.get(name);
      if (known === undefined) flaws.push(...flawsOfBytes(row));
      else if (!sameBytes(known.bytes, row.bytes) || !sameBytes(known.hash, row.hash))
        flaws.push(`${name} differs at ${site.name}`);
      byDot.set(name, row);
    }
    flaws.push(...logsAt(scene, site).flatMap((office) => flawsOfChain(site, office, links)));
  }
  return flaws;
}

function flawsOfBytes({ event, bytes }: EventRow): string[] {
  decodeEvent(bytes); // takes nothing but what it would write itself
  return sameBytes(encodeEvent(event), bytes) ? [] : [`${dotName(event)} is not what its bytes say`];
}

/** Whose logs a site holds from end to end. */
function logsAt(scene: Scene, site: Site): OfficeId[] {
  if (site.role === 'branch') return [site.office];
  return scene.branches().map(({ office }) => office);
}

/** Links of chains that hold. Disks share what they hold of an event: most links are looked at once. */
class Links {
  readonly #known = new Map<Uint8Array, readonly [before: Uint8Array, hash: Uint8Array]>();

  holds(before: Uint8Array, { bytes, hash }: EventRow): boolean {
    const known = this.#known.get(bytes);
    if (known !== undefined && known[0] === before && known[1] === hash) return true;
    if (!sameBytes(chainHash(machinePorts, before, bytes), hash)) return false;
    this.#known.set(bytes, [before, hash]);
    return true;
  }
}

function flawsOfChain(site: Site, office: OfficeId, links: Links): string[] {
  let hash = ZERO_HASH;
  let epoch = 1;
  for (const row of site.disk.tables.events.ofOffice(office)) {
    const { event } = row;
    if (!links.holds(hash, row)) return [`${site.name}: the chain of ${office} breaks at ${dotName(event)}`];
    hash = row.hash;
    if (event.epoch < epoch) return [`${site.name}: ${dotName(event)} stands behind a later epoch`];
    epoch = event.epoch;
  }
  return [];
}
