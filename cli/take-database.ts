import type { OfficeConfig } from '../mixins/config.ts';
import { DomainError, errorType } from '../domain/errors.ts';
import { type Holder, type SoleUse, takeSoleUse } from '../mixins/store/sqlite/sole-use.ts';
import { gatewayUrl } from './gateway-url.ts';

/**
 * For a process that runs an office, or writes to its database: on a SQLite file there may be one at a time.
 * @throws DomainError `database-in-use`, which says by whom, and what to do
 */
export function takeDatabase({ office, host, port, databaseUrl }: OfficeConfig): SoleUse {
  const url = port === null || port === 0 ? null : gatewayUrl(host, port);
  try {
    return takeSoleUse(databaseUrl, { office, url });
  } catch (error) {
    if (errorType(error) !== 'database-in-use') throw error;
    const { message, data } = error as DomainError;
    throw new DomainError('database-in-use', `${message}. ${adviceAbout(data['holder'])}`, data);
  }
}

function adviceAbout(holder: unknown): string {
  if (holder === null) return 'Try again when that has ended, or set another DATABASE_URL.';
  const { pid } = holder as Holder;
  return `Stop that first (kill ${pid}), or set another DATABASE_URL.`;
}
