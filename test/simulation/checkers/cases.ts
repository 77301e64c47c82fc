import { DEFINITIONS } from '../../../domain/datasets/event-types.ts';
import type { ConflictCase } from '../../../domain/conflict/case.ts';
import { entityName } from '../../../domain/event.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import type { Histories } from './histories.ts';

/** There is one open case for every entity in dispute, over what is disputed, and none for any other. */
export function checkCases(scene: Scene, histories: Histories): string[] {
  return scene
    .sites()
    .flatMap((site) => flawsOfOpenCases(site, histories).map((flaw) => `${site.name}: ${flaw}`));
}

function flawsOfOpenCases(site: Site, histories: Histories): string[] {
  const open = new Map<string, ConflictCase[]>();
  for (const one of site.disk.reads.cases({ status: 'open', limit: 1_000_000 }))
    open.set(entityName(one), [...(open.get(entityName(one)) ?? []), one]);
  const flaws: string[] = [];
  for (const [name, { state, disputed }] of histories.at(site)) {
    const fields = state.dataset === DEFINITIONS ? '' : disputed.join(','); // what two lives of the head changed is joined
    const cases = open.get(name) ?? [];
    open.delete(name);
    if (cases.length !== (fields === '' ? 0 : 1))
      flaws.push(`${state.entityId} is in dispute over "${fields}" and has ${cases.length} open cases`);
    else if (cases[0] !== undefined && cases[0].fields.join(',') !== fields)
      flaws.push(
        `the case of ${state.entityId} is over ${cases[0].fields.join(',')}, the dispute over ${fields}`,
      );
  }
  for (const name of open.keys()) flaws.push(`${JSON.stringify(name)} has an open case, but is not there`);
  return flaws;
}
