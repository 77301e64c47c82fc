import type { Dataset } from '../../domain/datasets/dataset.ts';
import { compareEntities, EVER } from '../../mixins/projections/compare.ts';
import type { DatabaseStore } from '../../mixins/store/create-store.ts';

/** Late changes agree with how events stand, and the tables of datasets are what the events that count fold to, in whatever order they came to count. */
export async function expectFolded(
  { projections }: DatabaseStore,
  datasets: readonly Dataset[],
): Promise<void> {
  for (const dataset of datasets) {
    const target = { kind: 'rows', dataset, table: dataset.name } as const;
    for (const scope of await projections.scopes(dataset.name)) {
      const page = await projections.page({ dataset: dataset.name, scope }, '', EVER, 100_000);
      for (const { events, late } of page.histories) {
        const applied = events.filter(({ isApplied }) => isApplied).map(({ event }) => event);
        expect(late.knownAt(events, EVER)).toEqual(applied);
      }
      const compared = { scope, after: '', page, mostRows: 200_000 };
      expect(await compareEntities(projections, target, compared)).toEqual({
        difference: null,
        reached: null,
      });
    }
  }
}
