import { randomUUID } from 'node:crypto';
import { ZERO_HASH } from '../domain/chain.ts';
import type { LoggedEvent } from '../domain/event.ts';
import type { Batch } from '../domain/sync/messages.ts';
import { BRANCH } from './sample-log.ts';

/** The messages in which a branch sends these events, `size` at a time. */
export function sampleBatches(logged: readonly LoggedEvent[], size: number): Batch[] {
  const session = { office: BRANCH, instance: randomUUID(), nonce: randomUUID() };
  let before: Uint8Array = ZERO_HASH;
  return Array.from({ length: Math.ceil(logged.length / size) }, (_, index) => {
    const part = logged.slice(index * size, (index + 1) * size);
    const after = part.at(-1)!.hash;
    const events = part.map(({ bytes }) => bytes);
    const batch: Batch = { kind: 'batch', ...session, firstSeq: part[0]!.event.seq, before, after, events };
    before = after;
    return batch;
  });
}
