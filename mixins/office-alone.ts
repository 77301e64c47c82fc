import { DomainError } from '../domain/errors.ts';
import { NO_CONTACT, type SyncStatus } from './sync/sync.ts';

export function noLink(): DomainError {
  return new DomainError('no-link', 'This office has no link: LINK_URL is not set');
}

export function problemOf({ type, message }: DomainError): SyncStatus['problem'] {
  return { type, detail: message };
}

/** Of an office whose link does not run. */
export const ALONE: SyncStatus = { ...NO_CONTACT, state: 'offline', problem: problemOf(noLink()) };
