import { changePolicies } from '../conflict/change-policies.ts';
import {
  newestPolicies,
  policiesData,
  readPoliciesChanged,
  withPoliciesInForce,
} from '../conflict/policies-in-force.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { CATALOGUE_KEY } from '../datasets/definitions.ts';
import { DomainError } from '../errors.ts';
import { type DomainEvent, entityName } from '../event.ts';
import type { ChangePolicies } from './commands.ts';
import type { EntityState } from './entity-state.ts';
import { POLICIES_CHANGED } from './evolve.ts';
import { winningValues } from './present.ts';

export const POLICIES_EVENT_VERSION = 1;

/**
 * The event by which the head settles disputes otherwise from now on; null when nothing would be otherwise.
 * @throws DomainError `unknown-dataset`, `invalid-input`, `dataset-changed`
 */
export function decidePolicies(
  { changes, policies, expected }: ChangePolicies,
  state: EntityState | null,
  known: Dataset | null,
): Pick<DomainEvent, 'type' | 'version' | 'data'> | null {
  if (known === null)
    throw new DomainError('unknown-dataset', `There is no dataset "${changes}"`, { dataset: changes });
  // Another change may be of this very transaction, or wait for a table.
  const newest = newestPolicies(state === null ? {} : winningValues(state)).get(changes);
  const inForce = withPoliciesInForce(known, newest);
  const actual = inForce.policies.version;
  if (expected !== undefined && expected !== actual) {
    const message = `The policies of ${changes} have version ${actual} by now; look at the change again`;
    throw new DomainError('dataset-changed', message, { dataset: changes, expected, actual });
  }
  const changed = changePolicies(inForce, policies);
  if ('problems' in changed) {
    const problems = changed.problems.map((reason) => ({ field: 'policies', reason }));
    throw new DomainError('invalid-input', changed.problems.join('; '), { problems });
  }
  const data = policiesData(withVersion(changed.dataset, actual + 1));
  const before = policiesData(withVersion(inForce, actual + 1));
  if (JSON.stringify(data) === JSON.stringify(before)) return null;
  return { type: POLICIES_CHANGED, version: POLICIES_EVENT_VERSION, data };
}

function withVersion(dataset: Dataset, version: number): Dataset {
  return { ...dataset, policies: { ...dataset.policies, version } };
}

/** Why an event of the head's changes no policies, or null. */
export function flawOfPoliciesChanged(event: DomainEvent): string | null {
  if (entityName(event) !== entityName(CATALOGUE_KEY)) return `"${event.entityId}" is not the catalogue`;
  return readPoliciesChanged(event.data) === null ? 'it names no policies of a dataset' : null;
}
