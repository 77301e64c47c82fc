import type { Dataset } from '../../domain/datasets/dataset.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Office } from '../../mixins/office.ts';

/** @throws DomainError `unknown-dataset` */
export function datasetOf({ datasets }: Pick<Office, 'datasets'>, name: string): Dataset {
  const dataset = datasets.named(name);
  if (dataset !== null) return dataset;
  const expected = datasets.all.map((one) => one.name);
  const message = `There is no dataset "${name}"; there is ${expected.join(', ')}`;
  throw new DomainError('unknown-dataset', message, { dataset: name, expected });
}
