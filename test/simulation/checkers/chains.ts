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
  for (const site of scene.sites()) {
    for (const row of site.disk.tables.events.inOrder()) {
      const name = dotName(row.event);
      const known = byDot.get(name);
      if (known === undefined) flaws.push(...flawsOfBytes(row));
      else if (!sameBytes(known.bytes, row.bytes) || !sameBytes(known.hash, row.hash))
        flaws.push(`${name} differs at ${site.name}`);
      byDot.set(name, row);
    }
    flaws.push(...logsAt(scene, site).flatMap((office) => flawsOfChain(site, office)));
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

function flawsOfChain(site: Site, office: OfficeId): string[] {
  let hash = ZERO_HASH;
  let epoch = 1;
  for (const { event, bytes, hash: stored } of site.disk.tables.events.ofOffice(office)) {
    hash = chainHash(machinePorts, hash, bytes);
    if (!sameBytes(hash, stored)) return [`${site.name}: the chain of ${office} breaks at ${dotName(event)}`];
    if (event.epoch < epoch) return [`${site.name}: ${dotName(event)} stands behind a later epoch`];
    epoch = event.epoch;
  }
  return [];
}
