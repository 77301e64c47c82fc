import { crc32 } from 'node:zlib';
import { errorType } from '../../domain/errors.ts';
import type { Batch } from '../../domain/sync/messages.ts';
import { bytesOf, hashOf } from '../contract/link-messages.ts';

/** With the sum that it should have. */
export function summed(plan: Uint8Array, rest: Uint8Array): Uint8Array {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(Buffer.concat([plan, rest])));
  return Buffer.concat([plan, sum, rest]);
}

export const wrapped = (body: Uint8Array, { version = 1, codec = 0, signature = 0 } = {}): Uint8Array =>
  summed(
    Uint8Array.of(0xb7, version, codec, signature >> 8, signature & 0xff),
    Buffer.concat([bytesOf(signature), body]),
  );

export const batchOf = (events: Uint8Array[]): Batch => ({
  kind: 'batch',
  office: 'west',
  instance: 'process-1',
  nonce: 'n',
  firstSeq: 1,
  before: hashOf(0),
  after: hashOf(1),
  events,
});

export function refusal(action: () => unknown): { type: string; why: unknown } {
  try {
    action();
  } catch (error) {
    return { type: errorType(error), why: (error as { data?: { why?: unknown } }).data?.why };
  }
  throw new Error('nothing was thrown');
}
