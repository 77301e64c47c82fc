import { type DomainEvent, type EntityKey, entityName, type LoggedEvent, type OfficeId } from '../event.ts';
import type { EntityState } from '../office/entity-state.ts';
import { encodeState } from '../office/present.ts';
import { mayWriteInScope } from '../office/right-to-write.ts';
import type { Hasher } from '../ports.ts';
import { encodeUtf8 } from '../utf8.ts';

export const DIGEST_BUCKETS = 16;
const MODULUS = 1n << 256n;

/** A change to one bucket of the digests of a dataset and scope. Sums are modulo 2^256. */
export interface DigestDelta {
  readonly dataset: string;
  readonly scope: string;
  readonly bucket: number;
  readonly count: number;
  readonly events: bigint;
  readonly state: bigint;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Sums = Pick<DigestDelta, 'count' | 'events' | 'state'>;

/** FNV-1a over UTF-16 units of the entity id: cheap, the same everywhere. */
export function bucketOf(entityId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < entityId.length; i++) hash = Math.imul(hash ^ entityId.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % DIGEST_BUCKETS;
}

export function bytesToNumber(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let number = 0n;
  for (let at = 0; at < bytes.length; at += 8) number = (number << 64n) | view.getBigUint64(at);
  return number;
}

export function numberToBytes(number: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (let at = 24, rest = number; at >= 0; at -= 8, rest >>= 64n)
    view.setBigUint64(at, BigInt.asUintN(64, rest));
  return bytes;
}

export function addModulo(sum: bigint, delta: bigint): bigint {
  return (((sum + delta) % MODULUS) + MODULUS) % MODULUS;
}

/** Hash of an entity's whole state, key included, as a number below 2^256. */
export function stateNumber(hasher: Hasher, state: EntityState | null): bigint {
  if (state === null) return 0n;
  return bytesToNumber(hasher.sha256(encodeUtf8(`${entityName(state)}\n${encodeState(state)}`)));
}

/**
 * Collects what a batch of events changes in the digests: of the set of events held (whether applied or
 * waiting), and of the states they fold to. Both are commutative, after Bellare and Micciancio 1997 (AdHash).
 */
export class DigestChange {
  readonly #deltas = new Map<string, Writable<DigestDelta>>();
  readonly #hasher: Hasher;
  readonly #headOffice: OfficeId;

  constructor(hasher: Hasher, headOffice: OfficeId) {
    this.#hasher = hasher;
    this.#headOffice = headOffice;
  }

  eventHeld(logged: LoggedEvent): void {
    if (!this.#isCounted(logged.event)) return;
    this.#add(logged.event, { count: 1, events: bytesToNumber(logged.hash), state: 0n });
  }

  eventDisplaced(logged: LoggedEvent): void {
    if (!this.#isCounted(logged.event)) return;
    this.#add(logged.event, { count: -1, events: -bytesToNumber(logged.hash), state: 0n });
  }

  stateChanged(before: EntityState | null, after: EntityState | null): void {
    const key = after ?? before;
    if (key === null) return;
    const state = stateNumber(this.#hasher, after) - stateNumber(this.#hasher, before);
    this.#add(key, { count: 0, events: 0n, state });
  }

  deltas(): DigestDelta[] {
    return [...this.#deltas.values()];
  }

  /** What a stranger wrote in a scope never comes to the scope's owner, whose digest is to be that of the head. */
  #isCounted(event: DomainEvent): boolean {
    return mayWriteInScope(event, this.#headOffice);
  }

  #add({ dataset, scope, entityId }: EntityKey, { count, events, state }: Sums): void {
    const bucket = bucketOf(entityId);
    const name = `${dataset}\n${scope}\n${bucket}`;
    const sum = this.#deltas.get(name);
    if (sum === undefined) {
      this.#deltas.set(name, { dataset, scope, bucket, count, events, state });
      return;
    }
    sum.count += count;
    sum.events += events;
    sum.state += state;
  }
}
