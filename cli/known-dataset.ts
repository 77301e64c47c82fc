import type { Dataset } from '../domain/datasets/dataset.ts';
import { BUILT_IN } from '../domain/datasets/registry.ts';
import { DomainError } from '../domain/errors.ts';

/** @throws DomainError `usage` */
export function knownDataset(name: string): Dataset {
  const dataset = BUILT_IN.named(name);
  if (dataset !== null) return dataset;
  const expected = BUILT_IN.all.map((one) => one.name);
  const message = `--dataset "${name}" is not known; there is ${expected.join(', ')}`;
  throw new DomainError('usage', message, { actual: name, expected });
}
