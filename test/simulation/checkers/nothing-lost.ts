import canonicalize from 'canonicalize';
import { SHARED_SCOPE, type DomainEvent } from '../../../domain/event.ts';
import type { Fact } from '../oracle.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';

/** Every event that an operator was told of is applied at the head and at whoever subscribes to it, word for word. */
export function checkNothingLost(scene: Scene): string[] {
  const facts = [...scene.oracle.facts.values()].filter((fact) => !fact.isExcused);
  return facts.flatMap((fact) => holdersOf(fact, scene).flatMap((site) => flawsAt(site, fact)));
}

function holdersOf({ logged, office }: Fact, scene: Scene): Site[] {
  const { scope } = logged.event;
  return scene.sites().filter((site) => {
    if (site.role === 'head' || site.office === office) return true;
    if (scene.head.disk.reads.office(site.office)?.subscribe === 'all') return true;
    return office === scene.head.office && (scope === site.office || scope === SHARED_SCOPE);
  });
}

function flawsAt(site: Site, { office, logged, operation }: Fact): string[] {
  const { event } = logged;
  const name = `operation ${operation.number} (${event.type} ${office}@${event.epoch}:${event.seq})`;
  const held = site.disk.reads.eventsByIds(office, [event.id]);
  if (held.length === 0) return [`${name} was answered and is lost at ${site.name}`];
  if (!held.some((row) => contentOf(row.event) === contentOf(event)))
    return [`${name} reads otherwise at ${site.name}`];
  return held.some((row) => row.status === 'applied') ? [] : [`${name} is not applied at ${site.name}`];
}

/** Another life of its office may have written it again: name, context and time may differ, what happened may not. */
function contentOf({ dataset, scope, entityId, type, version, data }: DomainEvent): string {
  return canonicalize({ dataset, scope, entityId, type, version, data })!;
}
