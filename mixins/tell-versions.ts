import type { DatasetsInForce, Journal } from './office.ts';

/** Says in the log which datasets come from now on, and which get another version. */
export function tellVersions(
  datasets: Pick<DatasetsInForce, 'all' | 'onChanged'>,
  journal: Pick<Journal, 'info'>,
): void {
  let told = versionsOf(datasets);
  datasets.onChanged(() => {
    const now = versionsOf(datasets);
    for (const [name, version] of now)
      if (told.get(name) !== version) journal.info(`The dataset ${name} has version ${version} now.`);
    told = now;
  });
}

function versionsOf({ all }: Pick<DatasetsInForce, 'all'>): ReadonlyMap<string, number> {
  return new Map(all.map(({ name, version }) => [name, version]));
}
