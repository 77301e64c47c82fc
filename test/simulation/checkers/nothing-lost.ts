import { sameBytes } from '../../../domain/chain.ts';
import { SHARED_SCOPE } from '../../../domain/event.ts';
import type { Fact } from '../oracle.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { sameContent } from './one-request.ts';

/**
 * Every event that an operator was told of is applied at the head and at whoever subscribes to it, word for word, and
 * byte for byte as the head has it.
 */
export function checkNothingLost(scene: Scene): string[] {
  const facts = [...scene.oracle.facts.values()].filter((fact) => !fact.isExcused);
  return facts.flatMap((fact) => holdersOf(fact, scene).flatMap((site) => flawsAt(site, fact, scene.head)));
}

function holdersOf({ logged, office }: Fact, scene: Scene): Site[] {
  const { scope } = logged.event;
  return scene.sites().filter((site) => {
    if (site.role === 'head' || site.office === office) return true;
    if (scene.head.disk.reads.office(site.office)?.subscribe === 'all') return true;
    return office === scene.head.office && (scope === site.office || scope === SHARED_SCOPE);
  });
}

function flawsAt(site: Site, { office, logged, operation }: Fact, head: Site): string[] {
  const { event } = logged;
  const name = `operation ${operation.number} (${event.type} ${office}@${event.epoch}:${event.seq})`;
  const held = site.disk.reads.eventsByIds(office, [event.id]);
  if (held.length === 0) return [`${name} was answered and is lost at ${site.name}`];
  const isSame = held.some((row) => sameBytes(row.bytes, logged.bytes));
  // Another life of its office may have written it again: what happened and who did it stays.
  if (!isSame && !held.some((row) => sameContent(row.event, event) && row.event.actor === event.actor))
    return [`${name} reads otherwise at ${site.name}`];
  const atHead = head.disk.reads.eventsByIds(office, [event.id]);
  if (!held.every((row) => atHead.some((other) => sameBytes(other.bytes, row.bytes))))
    return [`${name} has other bytes at ${site.name} than at the head`];
  return held.some((row) => row.status === 'applied') ? [] : [`${name} is not applied at ${site.name}`];
}
