import { decodeEvent } from '../canonical.ts';
import { type ChainPoint, chainHash, sameBytes } from '../chain.ts';
import { DomainError, errorType } from '../errors.ts';
import type { LoggedEvent, OfficeId } from '../event.ts';
import type { Hasher } from '../ports.ts';
import type { Batch } from './messages.ts';

export const BATCH_MAX_EVENTS = 500;
export const BATCH_MAX_BYTES = 256 * 1024;

export type BatchVerdict =
  /** The events after the cursor, chained and decoded; none when all are known already. */
  | { readonly verdict: 'fits'; readonly events: readonly LoggedEvent[]; readonly tail: ChainPoint }
  /** All of it lies before the cursor: `last` must be what the log holds there, else it is a fork. */
  | { readonly verdict: 'old'; readonly last: { readonly seq: number; readonly hash: Uint8Array } }
  | { readonly verdict: 'gap' }
  | { readonly verdict: 'fork' };

/**
 * Holds a batch against the place up to which its author's log is held here. Throws `batch-refused` for one that
 * contradicts itself (its own hashes, seqs or author): that stops its author's link and no other.
 */
export function checkBatch(
  hasher: Hasher,
  cursor: ChainPoint,
  grantedEpoch: number,
  batch: Batch,
): BatchVerdict {
  const chained = chainBatch(hasher, batch);
  if (batch.firstSeq > cursor.seq + 1) return { verdict: 'gap' };
  const last = chained.at(-1);
  if (last === undefined) return { verdict: 'fits', events: [], tail: cursor };
  if (last.event.seq < cursor.seq) return { verdict: 'old', last: { seq: last.event.seq, hash: last.hash } };
  const overlap = cursor.seq - batch.firstSeq + 1;
  const before = overlap === 0 ? batch.before : chained[overlap - 1]!.hash;
  if (!sameBytes(before, cursor.hash)) return { verdict: 'fork' };
  return acceptAfter(cursor, grantedEpoch, chained.slice(overlap));
}

function acceptAfter(cursor: ChainPoint, grantedEpoch: number, events: readonly LoggedEvent[]): BatchVerdict {
  const last = events.at(-1);
  if (last === undefined) return { verdict: 'fits', events, tail: cursor };
  let epoch = cursor.epoch;
  for (const { event } of events) {
    // One that was never granted: a head that was restored has forgotten it, and learns of it at the greeting.
    if (event.epoch < epoch || event.epoch > grantedEpoch) return { verdict: 'fork' };
    epoch = event.epoch;
  }
  return { verdict: 'fits', events, tail: { epoch, seq: last.event.seq, hash: last.hash } };
}

function chainBatch(hasher: Hasher, batch: Batch): LoggedEvent[] {
  const { office, firstSeq, before, after, events } = batch;
  return chainPage(hasher, office, { seq: firstSeq - 1, hash: before }, events, after);
}

/** The same, and refuses events that do not lead to the hash that was said to be behind them. */
export function chainPage(
  hasher: Hasher,
  office: OfficeId,
  before: { readonly seq: number; readonly hash: Uint8Array },
  encoded: readonly Uint8Array[],
  after: Uint8Array,
): LoggedEvent[] {
  const events = chainEvents(hasher, office, before, encoded);
  const reached = events.at(-1)?.hash ?? before.hash;
  if (!sameBytes(reached, after)) throw refused(office, 'its bytes do not give the hash it names');
  return events;
}

/** Decodes and chains contiguous events of one office that follow `before`. */
export function chainEvents(
  hasher: Hasher,
  office: OfficeId,
  before: { readonly seq: number; readonly hash: Uint8Array },
  encoded: readonly Uint8Array[],
): LoggedEvent[] {
  let { seq, hash } = before;
  return encoded.map((bytes) => {
    const event = decodeOrRefuse(office, bytes);
    seq += 1;
    if (event.office !== office) throw refused(office, `an event by ${event.office} is in it`);
    if (event.seq !== seq) throw refused(office, `seq ${event.seq} stands where ${seq} should`);
    hash = chainHash(hasher, hash, bytes);
    return { event, bytes, hash };
  });
}

function decodeOrRefuse(office: OfficeId, bytes: Uint8Array) {
  try {
    return decodeEvent(bytes);
  } catch (error) {
    if (errorType(error) === 'undecodable-event') throw refused(office, (error as Error).message);
    throw error;
  }
}

function refused(office: OfficeId, why: string): DomainError {
  return new DomainError('batch-refused', `A batch of ${office} was refused: ${why}`, { office, why });
}
