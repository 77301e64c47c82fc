import { DomainError } from '../errors.ts';
import { checkDataset } from './check-dataset.ts';
import type { Dataset } from './dataset.ts';

/** Datasets by name. */
export interface Datasets {
  readonly all: readonly Dataset[];
  /** null for one that is not known. A function of its own, to be handed on. */
  readonly named: (name: string) => Dataset | null;
}

/** The datasets that an office knows. */
export class Catalogue implements Datasets {
  readonly all: readonly Dataset[];
  readonly #byName: ReadonlyMap<string, Dataset>;

  /** @throws DomainError `invalid-dataset` for a wrong declaration, or two that take each other's names */
  constructor(datasets: readonly Dataset[]) {
    for (const dataset of datasets) checkDataset(dataset);
    for (const what of ['name', 'noun'] as const) assertDiffer(datasets, what);
    this.all = datasets;
    this.#byName = new Map(datasets.map((dataset) => [dataset.name, dataset]));
  }

  readonly named = (name: string): Dataset | null => this.#byName.get(name) ?? null;

  /** With others beside those that are here. @throws DomainError `invalid-dataset` */
  with(datasets: readonly Dataset[]): Catalogue {
    return new Catalogue([...this.all, ...datasets]);
  }
}

/** The types of two datasets' events are to differ for people, who see them beside each other. */
function assertDiffer(datasets: readonly Dataset[], what: 'name' | 'noun'): void {
  const values = datasets.map((dataset) => dataset[what]);
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice === undefined) return;
  const problems = [`there is another dataset of the ${what} "${twice}"`];
  throw new DomainError('invalid-dataset', `The dataset "${twice}" is declared twice: ${problems[0]}`, {
    problems,
  });
}
