import { type ChainPoint, chainHash, sameBytes, START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { type DomainEvent, dotName, type OfficeId } from '../../domain/event.ts';
import type { Hasher } from '../../domain/ports.ts';
import { Slices } from '../slices.ts';
import type { KeptEvent, StoreReader } from '../store/store.ts';

/** What a run of an office's log was found to be. */
export interface VerifiedRun {
  readonly office: OfficeId;
  /** Looked at in this run. */
  readonly events: number;
  /** Of them, those before which an event is missing where that may be: a restored head may lack some of an earlier life. */
  readonly loose: number;
  /** Seq to go on after; null at the end of the log. */
  readonly next: number | null;
  /**
   * Name of the first event that does not follow from what stands before it, or whose row says otherwise than its
   * bytes, or of the last one when the log does not end with it as it should; null when all is well.
   */
  readonly broken: string | null;
}

interface Asked {
  readonly office: OfficeId;
  readonly after: number;
  /** Most events; a run also ends when it has read a lot of bytes. */
  readonly limit: number;
}

interface Expected {
  /** How far the log goes. */
  readonly end: ChainPoint;
  /** A head that was restored may have been given back a part only of what it wrote in earlier lives, and behind its end. */
  readonly isOfHead: boolean;
}

/** Read at once: what others wait for, and what is held in memory. */
const PAGE = { count: 1_000, bytes: 4 * 1024 * 1024 } as const;
const RUN_BYTES = 64 * 1024 * 1024;
/** Events of one seq, each of another life of the office. */
const MOST_LIVES = 100;
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Holds the events of an office after `after` against the hash chain: a byte that was changed in the database, an event
 * taken out or put in between, breaks it, and so does an end that is not the one the office is known to have come to.
 * What a row says of its event beside the bytes has to be what they say. For logs that are held whole: an office's own,
 * and at the head everybody's.
 */
export async function verifyChain(read: StoreReader, hasher: Hasher, asked: Asked): Promise<VerifiedRun> {
  for (let known = await expected(read, asked.office); ;) {
    const run = await verifyRun(read, new Chain(hasher, asked.office, known), asked);
    if (run.broken === null) return run;
    const now = await expected(read, asked.office);
    if (now.end.epoch === known.end.epoch && now.end.seq >= known.end.seq) return run;
    known = now; // a repair of the log came between
  }
}

/** To be asked before the events: the log may grow meanwhile. */
async function expected(read: StoreReader, office: OfficeId): Promise<Expected> {
  const log = await read.logRow();
  if (office === log.office) return { end: log.tail, isOfHead: log.role === 'head' };
  return { end: (await read.office(office))?.cursor ?? START_OF_CHAIN, isOfHead: false };
}

async function verifyRun(
  read: StoreReader,
  chain: Chain,
  { office, after, limit }: Asked,
): Promise<VerifiedRun> {
  chain.begin(await keptAt(read, office, after));
  let [last, events, bytes] = [after, 0, 0];
  for (let page = readPage(read, office, after, limit); ;) {
    const { rows, isEnd } = await page;
    last = rows.at(-1)?.seq ?? last;
    events += rows.length;
    bytes += rows.reduce((sum, row) => sum + row.bytes.length, 0);
    const isOver = isEnd || events >= limit || bytes >= RUN_BYTES;
    if (!isOver) page = readPage(read, office, last, limit - events); // while these are looked at
    page.catch(() => {}); // seen when it is waited for, if it is
    let broken = await firstBroken(chain, rows);
    if (broken === null && after <= chain.end.seq && (isEnd || last >= chain.end.seq) && !chain.isEndSeen)
      broken = dotName({ office, ...chain.end });
    if (isOver || broken !== null)
      return { office, events, loose: chain.loose, next: isEnd ? null : last, broken };
  }
}

async function firstBroken(chain: Chain, rows: readonly KeptEvent[]): Promise<string | null> {
  const slices = new Slices();
  for (const row of rows) {
    if (!chain.takes(row)) return dotName(row);
    if (slices.isOver) await slices.next();
  }
  return null;
}

/** Ends with all the events of its last seq, or before them. */
async function readPage(
  read: StoreReader,
  office: OfficeId,
  after: number,
  limit: number,
): Promise<{ rows: readonly KeptEvent[]; isEnd: boolean }> {
  const count = Math.min(PAGE.count, limit + 1);
  const found = await read.keptBySeq(office, after, { ...PAGE, count });
  const isFull = found.length === count || found.reduce((sum, row) => sum + row.size, 0) >= PAGE.bytes;
  if (!isFull) return { rows: found, isEnd: true };
  const last = found.at(-1)!.seq;
  const before = found.filter(({ seq }) => seq < last);
  return { rows: before.length > 0 ? before : await keptAt(read, office, last), isEnd: false };
}

async function keptAt(read: StoreReader, office: OfficeId, seq: number): Promise<KeptEvent[]> {
  if (seq < 1) return [];
  const limit = { count: MOST_LIVES, bytes: Number.MAX_SAFE_INTEGER };
  return (await read.keptBySeq(office, seq - 1, limit)).filter((row) => row.seq === seq);
}

class Chain {
  readonly end: ChainPoint;
  /** The event with which the log ends as it should has been seen. */
  isEndSeen: boolean;
  loose = 0;
  readonly #hasher: Hasher;
  readonly #office: OfficeId;
  readonly #isOfHead: boolean;
  /** The events of the highest seq so far, and of the one before. */
  #last: readonly KeptEvent[] = [];
  #before: readonly KeptEvent[] = [];

  constructor(hasher: Hasher, office: OfficeId, { end, isOfHead }: Expected) {
    this.end = end;
    this.isEndSeen = end.seq === 0;
    this.#hasher = hasher;
    this.#office = office;
    this.#isOfHead = isOfHead;
  }

  /** Goes on after these, which were looked at before. */
  begin(last: readonly KeptEvent[]): void {
    this.#last = last;
    this.isEndSeen ||= last.some((row) => this.#isEnd(row));
  }

  /** Whether the event is what its row says, and follows from one before it: of its own life, or of an earlier one that its life went on from. */
  takes(row: KeptEvent): boolean {
    if (this.#last[0]?.seq !== row.seq) [this.#before, this.#last] = [this.#last, []];
    this.#last = [...this.#last, row];
    this.isEndSeen ||= this.#isEnd(row);
    return this.#fits(row) && isAsItsRowSays(row, this.#office);
  }

  #fits(row: KeptEvent): boolean {
    if (row.seq === 1) return this.#follows(ZERO_HASH, row);
    const possible = this.#before.filter(({ seq, epoch }) => seq === row.seq - 1 && epoch <= row.epoch);
    if (possible.some(({ hash }) => this.#follows(hash, row))) return true;
    // The event before it in its own life is there and is another one, or has to be there.
    if (possible.some(({ epoch }) => epoch === row.epoch) || !this.#mayLackOneBefore(row)) return false;
    this.loose += 1;
    return true;
  }

  #mayLackOneBefore({ epoch, seq }: KeptEvent): boolean {
    return this.#isOfHead && (epoch < this.end.epoch || (epoch === this.end.epoch && seq > this.end.seq));
  }

  #follows(hash: Uint8Array, row: KeptEvent): boolean {
    return sameBytes(chainHash(this.#hasher, hash, row.bytes), row.hash);
  }

  #isEnd({ seq, hash }: KeptEvent): boolean {
    return seq === this.end.seq && sameBytes(hash, this.end.hash);
  }
}

/** Events are found, folded and sent by what stands beside their bytes. */
function isAsItsRowSays(row: KeptEvent, office: OfficeId): boolean {
  const event = eventIn(row.bytes);
  return (
    event?.office === office &&
    event.epoch === row.epoch &&
    event.seq === row.seq &&
    event.dataset === row.dataset &&
    event.scope === row.scope &&
    event.entityId === row.entityId &&
    row.byOwner === (event.office === event.scope) &&
    row.size === row.bytes.length
  );
}

function eventIn(bytes: Uint8Array): Partial<DomainEvent> | null {
  try {
    return JSON.parse(DECODER.decode(bytes)) as DomainEvent;
  } catch {
    return null; // of an earlier life, and loose: nothing else holds its bytes
  }
}
