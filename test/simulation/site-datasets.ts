import type { Catalogue } from '../../domain/datasets/catalogue.ts';
import type { Dataset, DatasetRow } from '../../domain/datasets/dataset.ts';
import { CATALOGUE_KEY, definedBy } from '../../domain/datasets/definitions.ts';
import { entityName } from '../../domain/event.ts';
import { decodeState } from '../../domain/office/present.ts';
import type { Site } from './site.ts';

/** The datasets that follow from what is on a site's disk. */
export function datasetsOf({ disk, program }: Pick<Site, 'disk' | 'program'>): Catalogue {
  const stored = disk.tables.entities.get(entityName(CATALOGUE_KEY));
  return stored === undefined ? program : definedBy(program, decodeState(stored.state)).catalogue;
}

/** Names the versions of a catalogue: what follows from it is the same for all who have them. */
export function versionsOf(catalogue: Catalogue): string {
  return catalogue.all
    .map(({ name, version, policies }) => `${name} ${version}.${policies.version}`)
    .join(' ');
}

/** A row as a table shows it that has got columns since: with their defaults. */
export function asShownNow(dataset: Dataset, row: DatasetRow): DatasetRow {
  const names = [...Object.keys(dataset.fields), ...Object.keys(dataset.computed)];
  const shown = names.map((name) => {
    const value = row.values[name];
    return [name, value === undefined ? (dataset.fields[name]?.default ?? null) : value] as const;
  });
  return { ...row, values: Object.fromEntries(shown) };
}
