import { errorType } from '../../domain/errors.ts';
import { decodeDown, decodeUp, encodeMessage } from '../../mixins/link/envelope.ts';
import type { DownMessage, UpMessage } from '../../domain/sync/messages.ts';

export type Message = UpMessage | DownMessage;

/** Makes of what one end gives what the other end gets. */
export type Carry = (message: Message) => Message;

/** So that the two ends share nothing that one of them could change. Bytes cannot be frozen; chains tell of a change. */
export const shared: Carry = (message) => frozen(message);

/** As bytes, through the real envelope: slow, and nothing gets through that it does not know. */
export const encoded: Carry = (message) => {
  const body = encodeMessage(message);
  return 'office' in message ? decodeUp(body) : decodeDown(body);
};

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) value.forEach(frozen);
  else for (const name in value) frozen(value[name]);
  return Object.freeze(value);
}

/** null when it was damaged on the way, and that was noticed: it will not be readable tomorrow either. */
export function readItem(
  { message, damaged }: { readonly message: Message; readonly damaged: Uint8Array | null },
  onProblem: (type: string, detail: string) => void,
): Message | null {
  if (damaged === null) return message;
  try {
    const read = 'office' in message ? decodeUp(damaged) : decodeDown(damaged);
    onProblem('damage-unnoticed', `a damaged ${message.kind} was taken for a good one`);
    return read;
  } catch (error) {
    onProblem(errorType(error), (error as Error).message);
    return null;
  }
}

const ENVELOPE_BYTES = 200;

/** About as many bytes as it has on the way. */
export function sizeOf(message: Message): number {
  if (!('events' in message)) return ENVELOPE_BYTES;
  let bytes = ENVELOPE_BYTES;
  for (const event of message.events)
    bytes += event instanceof Uint8Array ? event.length : event.bytes.length;
  return bytes;
}
