import type { Dataset } from '../domain/datasets/dataset.ts';
import { DomainError, errorType } from '../domain/errors.ts';
import type { DeclarationView, FieldView } from '../services/dataset/declaration-view.ts';
import type { OfficeClient } from './office-client.ts';

/** Each field by the name that it has now; what it was called before stands beside. */
export type OfficeDataset = Dataset & Pick<DeclarationView, 'formerNames'>;

/**
 * A dataset as the office that is asked knows it, which may be newer than what this program declares: enough to map, ask
 * for and show its entities. What is computed is computed there.
 * @throws DomainError `unknown-dataset`
 */
export async function officeDataset(client: OfficeClient, name: string): Promise<OfficeDataset> {
  const declared = await client.get<DeclarationView>(`/api/datasets/${encodeURIComponent(name)}`);
  const { noun, scope, version, fields, policies, formerNames = {} } = declared;
  const some = (computed: boolean): [string, FieldView][] =>
    fields.filter((field) => field.computed === computed).map((field) => [field.name, field]);
  return {
    ...{ name, noun, scope, version, formerNames },
    fields: Object.fromEntries(some(false)),
    computed: Object.fromEntries(
      some(true).map(([field, type]) => [field, { type, label: type.label, compute: () => null }]),
    ),
    policies: { ...policies, rows: 'merge-fields' } as Dataset['policies'],
  };
}

/** The same of one that `--dataset` names. @throws DomainError `usage` */
export async function chosenDataset(client: OfficeClient, name: string): Promise<OfficeDataset> {
  try {
    return await officeDataset(client, name);
  } catch (error) {
    if (errorType(error) !== 'unknown-dataset') throw error;
    const { expected = [] } = (error as DomainError).data as { expected?: string[] };
    const message = `--dataset "${name}" is not known; there is ${expected.join(', ')}`;
    throw new DomainError('usage', message, { actual: name, expected });
  }
}
