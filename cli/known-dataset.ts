import type { Catalogue } from '../domain/datasets/catalogue.ts';
import { BUILT_IN } from '../domain/datasets/registry.ts';
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
