import { dotName, entityName } from '../../../domain/event.ts';
import { lifeOf } from '../../../domain/clock.ts';
import type { ConflictCase } from '../../../domain/conflict/case.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';

/** Never more than two contenders from two blind editors: a case has one side at most for each life that wrote. */
export function checkContenders(scene: Scene): string[] {
  return scene.sites().flatMap((site) => {
    const cases = site.disk.reads.cases({ limit: 1_000_000 });
    return cases.flatMap((one) => flawsOfSides(site, one)).map((flaw) => `${site.name}: ${flaw}`);
  });
}

function flawsOfSides(site: Site, conflict: ConflictCase): string[] {
  const { contenders, entityId } = conflict;
  const sides = new Set(contenders.map(lifeOf));
  const events = site.disk.tables.events.ofEntity(conflict);
  const displaced = [...site.disk.tables.displaced.values()].filter(
    ({ event }) => entityName(event) === entityName(conflict),
  );
  const lives = new Set([...events, ...displaced].map(({ event }) => lifeOf(event)));
  const flaws: string[] = [];
  if (sides.size !== contenders.length)
    flaws.push(`the case of ${entityId} has a life on two sides: ${contenders.map(dotName).join(' ')}`);
  if (contenders.length > lives.size)
    flaws.push(`the case of ${entityId} has ${contenders.length} sides, but only ${lives.size} lives wrote`);
  return flaws;
}
