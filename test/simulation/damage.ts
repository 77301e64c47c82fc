import { encodeMessage } from '../../mixins/link/envelope.ts';
import type { Message } from './carry.ts';
import type { Prng } from './prng.ts';

/** A message as bytes of which some were changed, or lost at the end. */
export function damagedBody(message: Message, chance: Prng): Uint8Array {
  const body = new Uint8Array(encodeMessage(message));
  if (chance.chance(0.3)) return body.subarray(0, chance.int(0, body.length - 1));
  for (let bit = chance.int(0, 2); bit < 8; bit += 3) {
    const at = chance.int(0, body.length - 1);
    body[at] = body[at]! ^ (1 << bit);
  }
  return body;
}

/** Events with another content, in another order, doubled, or missing; all the rest as it was. Else the same message. */
export function tamperedWith(message: Message, chance: Prng): Message {
  const isChained = message.kind === 'batch' || message.kind === 'own';
  if (!isChained || message.events.length === 0) return message;
  const events = [...message.events];
  const at = chance.int(0, events.length - 1);
  // What is out of its place shows by itself; what was rewritten only by the hashes.
  const how = chance.chance(0.6) ? 0 : chance.int(1, events.length > 1 ? 3 : 1);
  if (how === 0) events[at] = rewritten(events[at]!, chance);
  else if (how === 1) events.splice(at, 0, events[at]!);
  else if (how === 2) events.splice(at, 1);
  else [events[0], events[events.length - 1]] = [events[events.length - 1]!, events[0]!];
  return { ...message, events };
}

/** Says that another number was sold, or that somebody else did it: canonical as before. */
function rewritten(bytes: Uint8Array, chance: Prng): Uint8Array {
  const text = Buffer.from(bytes).toString();
  const resold = text.replace(/"qty":[1-9]/, (qty) => qty.slice(0, -1) + ((Number(qty.at(-1)) % 9) + 1));
  const isKept = resold === text || chance.chance(0.3);
  return Uint8Array.from(Buffer.from(isKept ? text.replace('"actor":"', '"actor":"not ') : resold));
}
