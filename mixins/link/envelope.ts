import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { assertInvariant, DomainError } from '../../domain/errors.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { DownMessage, UpMessage } from '../../domain/sync/messages.ts';
import { pack, unpack } from './message-pack.ts';
import { checkDown, checkUp } from './message-shape.ts';
import { WIRE_DICTIONARY } from './wire-dictionary.ts';

/**
 * How a message travels, on every link:
 *
 *   byte 0     0xb7, so that a stranger's message is told from one of a newer version
 *   byte 1     wire version; it decides how everything after it is read
 *   byte 2     codec: 0 MessagePack, 1 MessagePack in zstd, 2 in zstd with the dictionary of wire-dictionary.ts
 *   bytes 3-4  length of the signature, big endian
 *   bytes 5-8  CRC-32 of all the other bytes, big endian
 *   then       signature (empty in version 1), body
 *
 * Events are chained, but the places that a message names are not: a position that was damaged on the way would let a
 * branch pass over events. The sum of TCP is too short for that, and a broker keeps messages in memory and on disks.
 */

/** Newest version spoken here; the version before it must still be read. */
export const WIRE_VERSION: number = LIMITS.wireVersion;
/** Brokers refuse messages over 16 MiB; below it there is room for their own headers. */
export const MAX_MESSAGE_BYTES = 15 * 1024 * 1024;
/** What a message may unfold to, whatever it claims. */
export const MAX_BODY_BYTES = 24 * 1024 * 1024;

const MAGIC = 0xb7;
/** Magic, version, codec, length of the signature. */
const PLAN_BYTES = 5;
const HEADER_BYTES = PLAN_BYTES + 4;
const PACKED = 0;
const PACKED_ZSTD = 1;
const PACKED_ZSTD_DICTIONARY = 2;
/** Shorter bodies gain less than zstd's own header costs. */
const WORTH_COMPRESSING_BYTES = 100;
/** Longer ones have been their own dictionary for most of their length. */
const SMALL_BODY_BYTES = 16 * 1024;
const COMPRESS_SMALL = { params: { [constants.ZSTD_c_compressionLevel]: 5 }, dictionary: WIRE_DICTIONARY };
/** On batches of events, level 1 is as small as level 6, in a quarter of the time. */
const COMPRESS = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const DECOMPRESS = {
  maxOutputLength: MAX_BODY_BYTES,
  params: { [constants.ZSTD_d_windowLogMax]: Math.ceil(Math.log2(MAX_BODY_BYTES)) },
};

/** The version in which two ends talk: the older one's, if the newer still reads it (N reads N-1); else null. */
export function negotiateWireVersion(theirs: number, ours: number = WIRE_VERSION): number | null {
  if (theirs < 1 || Math.abs(theirs - ours) > 1) return null;
  return Math.min(theirs, ours);
}

/** Throws `message-too-large`. */
export function encodeMessage(message: UpMessage | DownMessage): Buffer {
  const problem = isUp(message) ? checkUp(message) : checkDown(message);
  assertInvariant(problem === undefined, 'only well-formed messages are sent', { problem });
  const packed = pack(message);
  if (packed.length > MAX_BODY_BYTES) throw tooLarge(packed.length, MAX_BODY_BYTES);
  const envelope = wrap(packed);
  if (envelope.length > MAX_MESSAGE_BYTES) throw tooLarge(envelope.length, MAX_MESSAGE_BYTES);
  return envelope;
}

/** Only messages to the head name their sender. */
function isUp(message: UpMessage | DownMessage): message is UpMessage {
  return 'office' in message;
}

function wrap(packed: Uint8Array): Buffer {
  const [codec, rest] = compressed(packed);
  const plan = Uint8Array.of(MAGIC, WIRE_VERSION, codec, 0, 0);
  return Buffer.concat([plan, checksum(plan, rest), rest]);
}

function compressed(packed: Uint8Array): [codec: number, body: Uint8Array] {
  if (packed.length < WORTH_COMPRESSING_BYTES) return [PACKED, packed];
  const isSmall = packed.length <= SMALL_BODY_BYTES;
  const body = zstdCompressSync(packed, isSmall ? COMPRESS_SMALL : COMPRESS);
  if (body.length >= packed.length) return [PACKED, packed];
  return [isSmall ? PACKED_ZSTD_DICTIONARY : PACKED_ZSTD, body];
}

function checksum(plan: Uint8Array, rest: Uint8Array): Buffer {
  const sum = Buffer.alloc(HEADER_BYTES - PLAN_BYTES);
  sum.writeUInt32BE(crc32(rest, crc32(plan)));
  return sum;
}

/** A message to the head. Throws `undecodable` or `wire-version-unknown`. */
export function decodeUp(envelope: Uint8Array): UpMessage {
  return decode(envelope, checkUp) as UpMessage;
}

/** A message to a branch. Throws `undecodable` or `wire-version-unknown`. */
export function decodeDown(envelope: Uint8Array): DownMessage {
  return decode(envelope, checkDown) as DownMessage;
}

function decode(envelope: Uint8Array, check: (value: unknown) => string | undefined): unknown {
  assertVersion(envelope);
  const value = attempt('body', () => unpack(plain(unwrap(envelope))));
  const problem = check(value);
  if (problem !== undefined) throw undecodable('message', problem);
  return value;
}

function assertVersion(envelope: Uint8Array): void {
  if (envelope.length < HEADER_BYTES) throw undecodable('envelope', `is ${envelope.length} bytes long`);
  if (envelope[0] !== MAGIC) throw undecodable('envelope', 'is not one of Branchline');
  const version = envelope[1]!;
  if (negotiateWireVersion(version) === version) return;
  throw new DomainError('wire-version-unknown', `Wire version ${version} is not spoken here`, {
    expected: `${Math.max(1, WIRE_VERSION - 1)} to ${WIRE_VERSION}`,
    actual: version,
  });
}

/** The body, unfolded. What is signed in a later version is not verified in this one. */
function unwrap(envelope: Uint8Array): Uint8Array {
  const [plan, sum] = [envelope.subarray(0, PLAN_BYTES), envelope.subarray(PLAN_BYTES, HEADER_BYTES)];
  if (!checksum(plan, envelope.subarray(HEADER_BYTES)).equals(sum)) throw new Error('was damaged on the way');
  const bodyStart = HEADER_BYTES + ((envelope[3]! << 8) | envelope[4]!);
  if (bodyStart > envelope.length) throw new Error('is cut short');
  const body = envelope.subarray(bodyStart);
  switch (envelope[2]) {
    case PACKED:
      return body;
    case PACKED_ZSTD:
      return zstdDecompressSync(body, DECOMPRESS);
    case PACKED_ZSTD_DICTIONARY:
      return zstdDecompressSync(body, { ...DECOMPRESS, dictionary: WIRE_DICTIONARY });
    default:
      throw new Error(`has the unknown codec ${envelope[2]}`);
  }
}

/** The same memory, never as a Buffer: messages hold the same type whatever link they came over. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw undecodable(what, error instanceof Error ? error.message : String(error));
  }
}

function undecodable(what: string, why: string): DomainError {
  return new DomainError('undecodable', `A message cannot be read: ${what} ${why}`, { what, why });
}

function tooLarge(actual: number, expected: number): DomainError {
  return new DomainError('message-too-large', `A message of ${actual} bytes is over ${expected}`, {
    expected,
    actual,
  });
}
