import type { IncomingMessage } from 'node:http';
import { DomainError } from '../../domain/errors.ts';
import { isLoopback } from './http-server.ts';

/**
 * Until there are people and rights, whoever reaches the gateway may do everything; but a page of some site in
 * this machine's browser must not. Such a page shows by its Origin, or, where it had its own name point here
 * (DNS rebinding), by a Host that is not this machine's.
 * @throws DomainError `foreign-origin`
 */
export function refuseForeignPages({ headers }: IncomingMessage, listensOnLoopback: boolean): void {
  const host = headers.host ?? '';
  if (listensOnLoopback && host !== '' && !isLoopback(hostName(host))) throw foreign(host);
  const { origin } = headers;
  if (origin !== undefined && URL.parse(origin)?.host !== host) throw foreign(origin);
}

function hostName(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}

function foreign(actual: string): DomainError {
  return new DomainError('foreign-origin', `Requests of "${actual}" are not served here`, { actual });
}
