import type { Scene } from '../scene.ts';

/** What an operator was told was not done is not there: a sale that was refused at the first try was not recorded. */
export function checkRefused(scene: Scene): string[] {
  const refused = scene.oracle.operations.filter(
    ({ state, tries, command }) => state === 'refused' && tries === 1 && command.type === 'record',
  );
  return refused.flatMap(({ command, number, site }) =>
    scene.head.disk.tables.events.ofEntity(command).length === 0
      ? []
      : [`operation ${number} was refused at ${site.name}, and recorded all the same`],
  );
}
