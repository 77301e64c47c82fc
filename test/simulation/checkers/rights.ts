import { dotName } from '../../../domain/event.ts';
import type { Scene } from '../scene.ts';

/** What an office may not write is kept everywhere, and applied nowhere: another's sales, a ruling. */
export function checkRights(scene: Scene): string[] {
  const head = scene.head.office;
  return scene.sites().flatMap((site) =>
    site.disk.tables.events
      .inOrder()
      .filter(({ event, status }) => event.office !== head && status === 'applied')
      .filter(({ event }) => event.scope !== event.office || event.type === 'ConflictResolved')
      .map(({ event }) => `${site.name} applied ${dotName(event)}, a ${event.type} in ${event.scope}`),
  );
}
