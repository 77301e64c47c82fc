import { DEFINITIONS } from '../../../domain/datasets/event-types.ts';
import type { JsonValue } from '../../../domain/event.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import type { Histories } from './histories.ts';

type Defaults = ReadonlyMap<string, JsonValue>;
interface Addition {
  readonly kind: string;
  readonly field: string;
  readonly default?: JsonValue;
}

/** What nobody ever wrote of an entity is shown as its field was added with, whatever has become of the field since. */
export function checkDefaults(scene: Scene, histories: Histories): string[] {
  return scene.sites().flatMap((site) => flawsAt(site, histories).map((flaw) => `${site.name}: ${flaw}`));
}

function flawsAt(site: Site, histories: Histories): string[] {
  const flaws: string[] = [];
  const byDataset = defaultsAt(site);
  const due = histories.at(site);
  for (const [name, { dataset, row }] of site.disk.tables.entities.entries()) {
    const written = new Set(due.get(name)?.due.values.map(([field]) => field));
    for (const [field, value] of byDataset.get(dataset) ?? []) {
      const shown = row?.values[field];
      if (written.has(field) || shown === undefined || shown === value) continue;
      flaws.push(
        `${field} of ${JSON.stringify(name)} is shown as ${String(shown)}, it began as ${String(value)}`,
      );
    }
  }
  return flaws;
}

/** By dataset, as events and programs say it. */
function defaultsAt({ disk, program }: Site): Map<string, Defaults> {
  const defaults = new Map<string, Map<string, JsonValue>>();
  const note = (dataset: string, field: string, value: JsonValue = null): void => {
    defaults.set(dataset, (defaults.get(dataset) ?? new Map<string, JsonValue>()).set(field, value));
  };
  for (const { name, fields } of program.all)
    for (const [field, { default: value }] of Object.entries(fields)) note(name, field, value);
  for (const { event, status } of disk.tables.events.inOrder()) {
    if (event.dataset !== DEFINITIONS || event.type !== 'DatasetEvolved' || status !== 'applied') continue;
    const { dataset, changes } = event.data as unknown as { dataset: string; changes: readonly Addition[] };
    for (const { kind, field, default: value } of changes)
      if (kind === 'add-field') note(dataset, field, value);
  }
  return defaults;
}
