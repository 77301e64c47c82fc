import { toHex } from '../chain.ts';
import { DomainError } from '../errors.ts';
import type { Hasher } from '../ports.ts';

const encoder = new TextEncoder();
/** `xxxxxxxx-xxxx-8xxx`: the half of a keyed id that the key gives. */
const KEY_HALF = 18;

/**
 * The event id of a command that was sent with an idempotency key: UUIDv8 (RFC 9562), its first half from
 * office and key, its second from the request. The same key with another request is seen by the halves.
 */
export function keyedEventId(hasher: Hasher, office: string, key: string, request: string): string {
  const byKey = toHex(hasher.sha256(encoder.encode(`key\n${office}\n${key}`)));
  const byRequest = toHex(hasher.sha256(encoder.encode(`request\n${request}`)));
  return uuid8(byKey.slice(0, 15) + byRequest.slice(0, 15));
}

/** 30 hexadecimal digits around version 8 and variant 10. */
function uuid8(digits: string): string {
  const variant = (8 + (Number.parseInt(digits[15]!, 16) & 3)).toString(16);
  const groups = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(12, 15)}`,
    `${variant}${digits.slice(16, 19)}`,
    digits.slice(19, 30).padEnd(12, '0'),
  ];
  return groups.join('-');
}

export function isKeyed(eventId: string): boolean {
  return eventId[14] === '8';
}

/** What two submissions of one idempotency key share; for other ids the id itself. */
export function idempotencyName(eventId: string): string {
  return isKeyed(eventId) ? eventId.slice(0, KEY_HALF) : eventId;
}

/**
 * Of an event found under the idempotency name of `eventId`.
 * @throws DomainError `idempotency-key-reused`
 */
export function assertSameRequest({ id }: { readonly id: string }, eventId: string): void {
  if (id === eventId) return;
  throw new DomainError('idempotency-key-reused', 'This idempotency key was used for another request', {
    eventId: id,
  });
}
