import { assertInvariant, DomainError } from '../../domain/errors.ts';
import { ALL_STREAM, isOfficeId, OFFICE_ID_RULE, SHARED_SCOPE, type OfficeId } from '../../domain/event.ts';
import type { Subscription } from '../../domain/sync/messages.ts';

/** The name of a process of an office, see `instance` in domain/sync/messages.ts. */
export const INSTANCE_PATTERN = /^[\w-]{1,64}$/;

/** The streams of the feed that make up a branch's subscription. */
export function streamsOf(office: OfficeId, subscribe: Subscription): string[] {
  return subscribe === 'all' ? [ALL_STREAM] : [office, SHARED_SCOPE];
}

/** Office ids and names of processes become parts of routing keys and names of queues. */
export function assertRoutable(office: OfficeId, instance?: string): void {
  if (instance !== undefined)
    assertInvariant(INSTANCE_PATTERN.test(instance), 'a process has a name', { instance });
  if (isOfficeId(office)) return;
  throw new DomainError('invalid-office-id', `No link can be made for the office "${office}"`, {
    expected: OFFICE_ID_RULE,
    actual: office,
  });
}
