import type { Scene } from '../scene.ts';
import { Strangers } from '../strangers.ts';
import { missingCauses } from './commit.ts';

/** Nothing is applied before its causes, and nothing is left waiting. */
export function checkCauses(scene: Scene): string[] {
  return scene.sites().flatMap((site) => {
    const flaws = site.disk.tables.events.inOrder().flatMap((row) => {
      if (row.status !== 'applied' && Strangers.isTheirs(row.event)) return [];
      if (row.status !== 'applied') return [`the event at ${row.position} is ${row.status}`];
      return missingCauses(site.disk, row);
    });
    return flaws.map((flaw) => `${site.name}: ${flaw}`);
  });
}
