import type { Datasets } from '../../domain/datasets/catalogue.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { datasetAt } from '../../domain/datasets/evolution.ts';
import { assertInvariant } from '../../domain/errors.ts';
import { PROJECTIONS, projectionNamed } from '../../domain/projections/registry.ts';
import type { ProjectionRow, Target } from '../store/projections/projection-store.ts';

/** What this program can make: a projection, or the table of a dataset, which is written with the log itself. */
export interface Declared {
  readonly base: string;
  readonly kind: 'projection' | 'dataset';
  readonly version: number;
  readonly dataset: Dataset;
  /** Under some table name. */
  readonly target: (table: string) => Target;
}

/** A table as of a moment keeps the shape in which it was made. */
type Of = Pick<ProjectionRow, 'base'> & Partial<Pick<ProjectionRow, 'kind' | 'version'>>;

/** All that this program can make of the datasets that its office knows. */
export class Declarations {
  readonly #datasets: Datasets;

  constructor(datasets: Datasets) {
    this.#datasets = datasets;
  }

  all(): Declared[] {
    return [...this.#datasets.all, ...PROJECTIONS].map(({ name }) => this.of({ base: name })!);
  }

  /** null for one of another program. */
  of({ base, kind, version: made }: Of): Declared | null {
    const projection = projectionNamed(base);
    if (projection !== null) {
      const { version } = projection;
      const dataset = this.#datasets.named(projection.dataset);
      assertInvariant(dataset !== null, 'a projection follows a dataset of this program', { base });
      const target = (table: string): Target => ({ kind: 'lines', projection, table });
      return { base, kind: 'projection', version, dataset, target };
    }
    const known = this.#datasets.named(base);
    if (known === null) return null;
    const dataset = kind === 'as-of' && made !== undefined ? datasetAt(known, made) : known;
    const { version } = dataset;
    return { base, kind: 'dataset', version, dataset, target: (table) => ({ kind: 'rows', dataset, table }) };
  }

  /** Made by another version of the program: it does not follow here. */
  isOutdated(row: Pick<ProjectionRow, 'base' | 'kind' | 'version'>): boolean {
    const of = this.of(row);
    return row.kind === 'projection' && of !== null && of.version !== row.version;
  }
}

/** Tables that stand beside the one with the name. */
export const beside = {
  /** Being made; what follows tells one job from another. */
  fresh: (name: string) => `${name}__new`,
  /** Was in its place. */
  away: (name: string) => `${name}__old`,
  /** Was to take its place, and never will. */
  withdrawn: (name: string) => `${name}__not`,
  /** Made to be compared. */
  check: (name: string) => `${name}__check`,
};
