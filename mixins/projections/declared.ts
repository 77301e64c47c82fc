import type { Dataset } from '../../domain/datasets/dataset.ts';
import { DATASETS, datasetNamed } from '../../domain/datasets/registry.ts';
import { assertInvariant } from '../../domain/errors.ts';
import { PROJECTIONS, projectionNamed } from '../../domain/projections/registry.ts';
import type { ProjectionRow, Target } from '../store/projections/projection-store.ts';

/** What this program can make: projections, and the tables of datasets, which are written with the log itself. */
export interface Declared {
  readonly base: string;
  readonly kind: 'projection' | 'dataset';
  readonly version: number;
  readonly dataset: Dataset;
  /** Under some table name. */
  readonly target: (table: string) => Target;
}

export function declared(base: string): Declared | null {
  const projection = projectionNamed(base);
  if (projection !== null) {
    const dataset = datasetNamed(projection.dataset);
    assertInvariant(dataset !== null, 'a projection follows a dataset of this program', { base });
    const { version } = projection;
    return {
      base,
      kind: 'projection',
      version,
      dataset,
      target: (table) => ({ kind: 'lines', projection, table }),
    };
  }
  const dataset = datasetNamed(base);
  if (dataset === null) return null;
  const { version } = dataset;
  return { base, kind: 'dataset', version, dataset, target: (table) => ({ kind: 'rows', dataset, table }) };
}

export function allDeclared(): Declared[] {
  return [...DATASETS, ...PROJECTIONS].map(({ name }) => declared(name)!);
}

/** null for one of another program. */
export function declaredOf({ base }: Pick<ProjectionRow, 'base'>): Declared | null {
  return declared(base);
}

/** Made by another version of the program: it does not follow here. */
export function isOutdated(row: Pick<ProjectionRow, 'base' | 'kind' | 'version'>): boolean {
  const of = declaredOf(row);
  return row.kind === 'projection' && of !== null && of.version !== row.version;
}

/** Tables that stand beside the one with the name. */
export const beside = {
  /** Being made; what follows tells one job from another. */
  fresh: (name: string) => `${name}__new`,
  /** Was in its place. */
  away: (name: string) => `${name}__old`,
  /** Made to be compared. */
  check: (name: string) => `${name}__check`,
};
