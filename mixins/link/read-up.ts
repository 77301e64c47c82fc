import { DomainError } from '../../domain/errors.ts';
import type { UpMessage } from '../../domain/sync/messages.ts';
import { decodeUp } from './envelope.ts';
import type { Delivery } from './intake.ts';

/** Reads a message to the head. The lane is the office that the queue knows it from; nobody writes as another. */
export function readUp({ body, lane }: Delivery): UpMessage {
  const message = decodeUp(body);
  if (message.office === lane) return message;
  throw new DomainError('undecodable', `A message of ${lane} names ${message.office} as its office`, {
    expected: lane,
    actual: message.office,
  });
}
