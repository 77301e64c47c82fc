import { type ChainPoint, chainHash, sameBytes, START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { dotName, type OfficeId } from '../../domain/event.ts';
import type { Hasher } from '../../domain/ports.ts';
import type { EventRow, StoreReader } from '../store/store.ts';

/** What a run of an office's log was found to be. */
export interface VerifiedRun {
  readonly office: OfficeId;
  /** Looked at in this run. */
  readonly events: number;
  /** Of them, those before which an event is missing where that may be: a restored head may lack some of an earlier life. */
  readonly loose: number;
  /** Seq to go on after; null at the end of the log. */
  readonly next: number | null;
  /** Name of the first event that does not follow from what stands before it, or is missing at the end; null when all is well. */
  readonly broken: string | null;
}

/** Events of one seq, each of another life of the office. */
const MOST_LIVES = 100;

/**
 * Holds the events of an office after `after` against the hash chain: a byte that was changed in the database, an event
 * taken out or put in between, breaks it. For logs that are held whole: an office's own, and at the head everybody's.
 */
export async function verifyChain(
  read: StoreReader,
  hasher: Hasher,
  { office, after, limit }: { readonly office: OfficeId; readonly after: number; readonly limit: number },
): Promise<VerifiedRun> {
  const { end, oldLives } = await expected(read, office); // first: the log may grow meanwhile
  const found = await read.eventsBySeq(office, after, { count: limit + 1, bytes: Number.MAX_SAFE_INTEGER });
  const rows = found.length > limit ? withoutLastSeq(found) : found;
  const chain = new Chain(hasher, oldLives, await heldAt(read, office, after));
  const broken = rows.find((row) => !chain.takes(row));
  const last = rows.at(-1)?.event.seq ?? after;
  const isEnd = rows.length === found.length;
  const missing = isEnd && last < end.seq ? dotName({ office, ...end }) : null;
  return {
    office,
    events: rows.length,
    loose: chain.loose,
    next: isEnd ? null : last,
    broken: broken === undefined ? missing : dotName(broken.event),
  };
}

/** How far the log goes, and how many lives of its office are over that may have been given back in parts. */
async function expected(read: StoreReader, office: OfficeId): Promise<{ end: ChainPoint; oldLives: number }> {
  const log = await read.logRow();
  if (office === log.office) return { end: log.tail, oldLives: log.role === 'head' ? log.tail.epoch - 1 : 0 };
  return { end: (await read.office(office))?.cursor ?? START_OF_CHAIN, oldLives: 0 };
}

/** A run ends with all the events of its last seq, or before them. */
function withoutLastSeq(rows: readonly EventRow[]): readonly EventRow[] {
  const { seq } = rows.at(-1)!.event;
  const before = rows.filter(({ event }) => event.seq < seq);
  return before.length === 0 ? rows : before;
}

async function heldAt(read: StoreReader, office: OfficeId, seq: number): Promise<EventRow[]> {
  if (seq < 1) return [];
  const found = await read.eventsBySeq(office, seq - 1, {
    count: MOST_LIVES,
    bytes: Number.MAX_SAFE_INTEGER,
  });
  return found.filter(({ event }) => event.seq === seq);
}

class Chain {
  loose = 0;
  readonly #hasher: Hasher;
  readonly #oldLives: number;
  /** The events of the highest seq so far, and of the one before. */
  #last: EventRow[];
  #before: EventRow[] = [];

  constructor(hasher: Hasher, oldLives: number, last: EventRow[]) {
    this.#hasher = hasher;
    this.#oldLives = oldLives;
    this.#last = last;
  }

  /** Whether the event follows from one before it: of its own life, or of an earlier one that its life went on from. */
  takes(row: EventRow): boolean {
    const { seq, epoch } = row.event;
    if (this.#last[0]?.event.seq !== seq) [this.#before, this.#last] = [this.#last, []];
    this.#last.push(row);
    if (seq === 1) return this.#follows(ZERO_HASH, row);
    const possible = this.#before.filter(({ event }) => event.seq === seq - 1 && event.epoch <= epoch);
    if (possible.length > 0) return possible.some(({ hash }) => this.#follows(hash, row));
    if (epoch > this.#oldLives) return false;
    this.loose += 1;
    return true;
  }

  #follows(hash: Uint8Array, row: EventRow): boolean {
    return sameBytes(chainHash(this.#hasher, hash, row.bytes), row.hash);
  }
}
