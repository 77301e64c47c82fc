import type { Dataset } from '../domain/datasets/dataset.ts';
import { datasetNamed, DATASETS } from '../domain/datasets/registry.ts';
import { DomainError } from '../domain/errors.ts';

/** @throws DomainError `usage` */
export function knownDataset(name: string): Dataset {
  const dataset = datasetNamed(name);
  if (dataset !== null) return dataset;
  const expected = DATASETS.map((one) => one.name);
  const message = `--dataset "${name}" is not known; there is ${expected.join(', ')}`;
  throw new DomainError('usage', message, { actual: name, expected });
}
