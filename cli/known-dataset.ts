import type { Catalogue } from '../domain/datasets/catalogue.ts';
import type { Dataset } from '../domain/datasets/dataset.ts';
import { BUILT_IN } from '../domain/datasets/registry.ts';
import { DomainError } from '../domain/errors.ts';
import { environment } from './config.ts';

/**
 * The datasets of this program, with those of DATASETS_DIR.
 * @throws DomainError `invalid-dataset`, `invalid-configuration`
 */
export async function knownDatasets(): Promise<Catalogue> {
  const { DATASETS_DIR: folder = '' } = environment();
  if (folder === '') return BUILT_IN;
  const { loadDatasets } = await import('../mixins/datasets/load-datasets.ts');
  return loadDatasets(folder);
}

/** @throws DomainError `usage`, `invalid-dataset`, `invalid-configuration` */
export async function knownDataset(name: string): Promise<Dataset> {
  const datasets = await knownDatasets();
  const dataset = datasets.named(name);
  if (dataset !== null) return dataset;
  const expected = datasets.all.map((one) => one.name);
  const message = `--dataset "${name}" is not known; there is ${expected.join(', ')}`;
  throw new DomainError('usage', message, { actual: name, expected });
}
