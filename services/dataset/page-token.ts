import { flawOfText } from '../../domain/text.ts';
import { invalidParameters } from './row-filter.ts';

export interface RowKey {
  readonly scope: string;
  readonly entityId: string;
}

/** Where a page of rows ended. Clients hand it back as it is. */
export function pageToken({ scope, entityId }: RowKey): string {
  return Buffer.from(JSON.stringify([scope, entityId])).toString('base64url');
}

/** @throws DomainError `invalid-parameters` */
export function readPageToken(token: string): RowKey {
  try {
    const [scope, entityId] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    if (isAskable(scope) && isAskable(entityId)) return { scope, entityId };
  } catch {
    // Falls through: whatever it was, it was none of ours.
  }
  throw invalidParameters([{ field: 'after', reason: 'is not the `next` of a page before' }]);
}

function isAskable(text: unknown): text is string {
  return typeof text === 'string' && flawOfText(text) === null;
}
