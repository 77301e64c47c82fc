import type { Dataset } from '../../domain/datasets/dataset.ts';
import { DomainError } from '../../domain/errors.ts';
import { isOfficeId, SHARED_SCOPE } from '../../domain/event.ts';
import { flawOfScope } from '../../domain/office/right-to-write.ts';
import type { Office } from '../../mixins/office.ts';
import { invalidParameters } from './row-filter.ts';

/** To whom something new belongs unless told. */
export function homeOf({ config }: Office, { scope }: Dataset): string {
  return scope === 'shared' ? SHARED_SCOPE : config.office;
}

/**
 * For whom something new may be recorded. Nobody would ever see what belongs to an office that does not exist.
 * @throws DomainError `not-your-scope`, `invalid-parameters`
 */
export async function assertScope(office: Office, dataset: Dataset, scope: string): Promise<void> {
  if (scope === homeOf(office, dataset)) return;
  const flaw = flawOfScope(dataset, scope);
  if (flaw !== null) throw invalidParameters([{ field: 'office', reason: `must be left out: ${flaw}` }]);
  if (office.config.role === 'branch') {
    const message = `Office ${office.config.office} may not write what belongs to ${scope}`;
    throw new DomainError('not-your-scope', message, { expected: office.config.office, actual: scope });
  }
  if (!isOfficeId(scope) || (await office.ledger().read.office(scope)) === null) {
    throw invalidParameters([{ field: 'office', reason: `"${scope}" is not known here` }]);
  }
}
