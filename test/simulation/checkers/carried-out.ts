import { DEFINITIONS } from '../../../domain/datasets/event-types.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';

/** What an event of the head's says of a dataset. */
interface Change {
  readonly dataset: string;
  readonly to: number;
  readonly changes: readonly { readonly kind: string; readonly field?: string }[];
}

/** Every change of a dataset is carried out everywhere, unless two lives of the head numbered two alike. */
export function checkCarriedOut(scene: Scene): string[] {
  const changes = changesAt(scene.head);
  const numbers = new Set(changes.map(({ dataset, to }) => `${dataset} ${to}`));
  if (numbers.size < changes.length) return [];
  return scene.sites().flatMap((site) => [...flawsSaid(site), ...missingFields(site, changes)]);
}

function changesAt({ disk }: Site): Change[] {
  return disk.tables.events
    .inOrder()
    .filter(({ event }) => event.dataset === DEFINITIONS && event.type === 'DatasetEvolved')
    .map(({ event }) => event.data as unknown as Change);
}

function flawsSaid({ name, ledger }: Site): string[] {
  const unfit = ledger?.datasets.unfit ?? [];
  return unfit.map(
    ({ dataset, version, reason }) => `${name} does not carry out ${dataset} ${version}: ${reason}`,
  );
}

function missingFields({ name, ledger }: Site, said: readonly Change[]): string[] {
  const added = said.flatMap(({ dataset, changes }) =>
    changes.flatMap(({ kind, field }) => (kind === 'add-field' ? [{ dataset, field: field! }] : [])),
  );
  return added
    .filter(({ dataset, field }) => {
      const { fields = {} } = ledger?.datasets.named(dataset) ?? {};
      return !Object.hasOwn(fields, field);
    })
    .map(({ dataset, field }) => `${name} has no field ${field} in ${dataset}, which was added to it`);
}
