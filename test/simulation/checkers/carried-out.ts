import { DEFINITIONS } from '../../../domain/datasets/event-types.ts';
import type { DomainEvent } from '../../../domain/event.ts';
import type { Scene } from '../scene.ts';

/** Every change of a dataset is carried out everywhere, unless two lives of the head numbered two alike. */
export function checkCarriedOut(scene: Scene): string[] {
  const { events } = scene.head.disk.tables;
  const changes = events.inOrder().flatMap(({ event }) => numberOf(event) ?? []);
  if (new Set(changes).size < changes.length) return [];
  return scene.sites().flatMap(({ name, ledger }) => {
    const unfit = ledger?.datasets.unfit ?? [];
    return unfit.map(
      ({ dataset, version, reason }) => `${name} does not carry out ${dataset} ${version}: ${reason}`,
    );
  });
}

function numberOf({ dataset, type, data }: DomainEvent): string | null {
  const isChange = dataset === DEFINITIONS && type === 'DatasetEvolved';
  return isChange ? `${String(data['dataset'])} ${String(data['to'])}` : null;
}
