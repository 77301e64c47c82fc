import { DomainError } from '../../domain/errors.ts';
import { isOfficeId } from '../../domain/event.ts';
import type { Office } from '../../mixins/office.ts';
import { invalidParameters } from './row-filter.ts';

/**
 * For whom something new may be recorded. Nobody would ever see what belongs to an office that does not exist.
 * @throws DomainError `not-your-scope`, `invalid-parameters`
 */
export async function assertScope(office: Office, scope: string): Promise<void> {
  if (scope === office.config.office) return;
  if (office.config.role === 'branch') {
    const message = `Office ${office.config.office} may not write what belongs to ${scope}`;
    throw new DomainError('not-your-scope', message, { expected: office.config.office, actual: scope });
  }
  if (!isOfficeId(scope) || (await office.ledger().read.office(scope)) === null) {
    throw invalidParameters([{ field: 'office', reason: `"${scope}" is not known here` }]);
  }
}
