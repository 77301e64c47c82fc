import type { Dataset } from '../../domain/datasets/dataset.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Office } from '../../mixins/office.ts';

type Knowing = Pick<Office, 'datasets'>;

/** @throws DomainError `unknown-dataset` */
export function datasetOf(office: Knowing, name: string): Dataset {
  const dataset = office.datasets.named(name);
  if (dataset === null) throw unknownDataset(office, name);
  return dataset;
}

export function unknownDataset({ datasets }: Knowing, name: string): DomainError {
  const expected = datasets.all.map((one) => one.name);
  const message = `There is no dataset "${name}"; there is ${expected.join(', ')}`;
  return new DomainError('unknown-dataset', message, { dataset: name, expected });
}
