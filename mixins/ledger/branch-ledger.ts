import { type ChainPoint, sameBytes, START_OF_CHAIN } from '../../domain/chain.ts';
import { decodeEvent } from '../../domain/canonical.ts';
import { DomainError } from '../../domain/errors.ts';
import { dotName, type LoggedEvent } from '../../domain/event.ts';
import { BATCH_MAX_BYTES, BATCH_MAX_EVENTS, chainPage } from '../../domain/sync/batch.ts';
import type { GreetingPosition, OwnRun } from '../../domain/sync/branch-state.ts';
import type { ApplyPlan } from '../../domain/sync/apply.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import {
  type Adopt,
  type FedEvent,
  type FeedCursor,
  type HashedBytes,
  type HeadTip,
  NOTHING_QUARANTINED,
  type Own,
  type QuarantineReport,
} from '../../domain/sync/messages.ts';
import { type Matched, matchLogs } from '../../domain/sync/repair.ts';
import {
  type EventRow,
  type LogRow,
  NO_LIMIT,
  type OfficeRow,
  type Store,
  type StoreReader,
  type StoreTx,
} from '../store/store.ts';
import { type Applied, applyEvents, type ApplySetting } from './apply-tx.ts';
import { newOffice } from './new-office.ts';
import type { OfficeDatasets } from './office-datasets.ts';
import { adoptTail, type Refork, refork } from './repair-tx.ts';
import { headEventsAfter } from './returned-events.ts';

const BATCH_LIMIT = { count: BATCH_MAX_EVENTS, bytes: BATCH_MAX_BYTES };

interface Saved {
  readonly log: LogRow;
  readonly plan: ApplyPlan | null;
}

/** What the branch's end of the link asks of its database. Every method is one transaction or one read. */
export class BranchLedger {
  readonly #store: Store;
  readonly #setting: ApplySetting;
  readonly #datasets: OfficeDatasets;

  constructor(store: Store, setting: ApplySetting, datasets: OfficeDatasets) {
    this.#store = store;
    this.#setting = setting;
    this.#datasets = datasets;
  }

  async greetingPosition(): Promise<GreetingPosition> {
    const { session, tail, acked, feed, headOffice } = await this.#store.read.logRow();
    const tips = headOffice === '' ? [] : await this.#headTips(headOffice);
    const datasets = this.#datasets.said();
    return { session, last: tail, acked, feed, headTips: tips.map(headTip), datasets };
  }

  /** Newest first in the order in which they came: a head that was restored misses those after some place. */
  async #headTips(head: string): Promise<EventRow[]> {
    const half = LIMITS.headTips / 2;
    const newest = await this.#store.read.newestOfLives(head, half);
    const samples = await this.#store.read.tipsOf(head, half);
    const byPosition = new Map([...newest, ...samples].map((row) => [row.position, row]));
    return [...byPosition.values()].sort((a, b) => b.position - a.position);
  }

  /** Remembers the session and whose branch this is, then reads the own hash at `seq`; null beyond the end. */
  locate(head: string, session: number, seq: number): Promise<Uint8Array | null> {
    return this.#store.transaction(async (tx) => {
      const log = await tx.lockLog();
      if (log.headOffice !== '' && log.headOffice !== head) throw anotherHead(log.headOffice, head);
      await tx.saveLog({ ...log, headOffice: head, session });
      return (await ownPointAt(tx, log, seq))?.hash ?? null;
    });
  }

  async readOwn(office: string, after: number, maxBytes = BATCH_MAX_BYTES): Promise<OwnRun> {
    const before = after === 0 ? START_OF_CHAIN : await this.#store.read.pointAt(office, after);
    if (before === null)
      throw new DomainError('log-moved', 'The own log ends before what is to be sent', { after });
    const rows = await this.#store.read.eventsBySeq(office, after, { ...BATCH_LIMIT, bytes: maxBytes });
    const last = rows.at(-1);
    const end = last === undefined ? before : pointOf(last);
    return { before, after: end, events: rows.map((row) => row.bytes) };
  }

  saveAcked(acked: ChainPoint, safeSeq: number): Promise<void> {
    return this.#change((log) => ({ ...log, acked, safeSeq }));
  }

  savePaused(paused: boolean): Promise<void> {
    return this.#change((log) => ({ ...log, paused }));
  }

  /** When the head was last heard, by the wall clock; 0 if never. */
  async lastContactAtMs(): Promise<number> {
    const { headOffice } = await this.#store.read.logRow();
    return headOffice === '' ? 0 : ((await this.#store.read.office(headOffice))?.lastContactAtMs ?? 0);
  }

  /** Kept in the row of the head's own, as the head keeps it of its branches. */
  saveContact(lastContactAtMs: number): Promise<void> {
    return this.#changeHead({ lastContactAtMs });
  }

  /** Own events that the head keeps and does not apply, as it said last. */
  async quarantined(): Promise<QuarantineReport> {
    const { headOffice } = await this.#store.read.logRow();
    const head = headOffice === '' ? null : await this.#store.read.office(headOffice);
    return head?.quarantined ?? NOTHING_QUARANTINED;
  }

  saveQuarantined(quarantined: QuarantineReport): Promise<void> {
    return this.#changeHead({ quarantined });
  }

  #changeHead(change: Pick<OfficeRow, 'lastContactAtMs'> | Pick<OfficeRow, 'quarantined'>): Promise<void> {
    const nowMs = this.#setting.ports.nowMs();
    return this.#store.transaction(async (tx) => {
      const { headOffice } = await tx.lockLog();
      if (headOffice === '') return;
      const known = (await tx.office(headOffice)) ?? newOffice(headOffice, headOffice, 'own', nowMs);
      await tx.saveOffices([{ ...known, ...change }]);
    });
  }

  moveFeed(feed: FeedCursor, acked: ChainPoint): Promise<void> {
    return this.#change((log) => ({ ...log, feed, acked }));
  }

  /** Applies events of the feed and moves the cursor, both or neither. Own events and those held already are passed over. */
  applyFeed(from: FeedCursor, to: FeedCursor, events: readonly FedEvent[]): Promise<LogRow> {
    return this.#applied(async (tx) => {
      const log = await tx.lockLog();
      if (log.feed.position !== from.position || log.feed.feedEpoch !== from.feedEpoch) {
        throw new DomainError('feed-moved', 'The feed cursor has moved', {
          expected: from.position,
          actual: log.feed.position,
        });
      }
      const fresh = await notHeld(
        tx,
        decodeFed(events).filter(({ event }) => event.office !== log.office),
      );
      const applied = await applyEvents(tx, this.#setting, log, fresh);
      return this.#save(tx, { ...applied.log, feed: to }, applied);
    });
  }

  /** Holds what the head has of this office's log against the own one; only chains it while `tail` is not empty. */
  async matchOwn(office: string, message: Own, tail: readonly LoggedEvent[]): Promise<Matched> {
    const before = { seq: message.afterSeq, hash: message.before };
    const theirs = chainPage(this.#setting.ports, office, before, message.events, message.after);
    const known = tail.at(-1);
    if (known !== undefined) {
      if (!sameBytes(known.hash, message.before))
        throw new DomainError('log-moved', 'The head changed its mind about this log', {});
      return { common: pointOf(known), rest: theirs };
    }
    const log = await this.#store.read.logRow();
    const point = await ownPointAt(this.#store.read, log, message.afterSeq);
    if (point === null || !sameBytes(point.hash, message.before)) return { common: START_OF_CHAIN, rest: [] };
    const own = await this.#store.read.eventsBySeq(office, message.afterSeq, {
      ...NO_LIMIT,
      count: theirs.length,
    });
    return matchLogs(point, theirs, own);
  }

  /** Own events come back to a log that ends at `common`. */
  restoreOwn(common: ChainPoint, events: readonly LoggedEvent[]): Promise<LogRow> {
    return this.#applied(async (tx) => {
      const log = await tx.lockLog();
      if (!sameBytes(log.tail.hash, common.hash))
        throw new DomainError('log-moved', 'The own log has grown meanwhile', {});
      const applied = await applyEvents(tx, this.#setting, log, events);
      const last = events.at(-1);
      const tail = last === undefined ? log.tail : pointOf(last);
      return this.#save(tx, { ...applied.log, tail }, applied);
    });
  }

  refork(repair: Refork): Promise<LogRow> {
    return this.#applied(async (tx) => ({ log: await refork(tx, this.#setting, repair), plan: null }));
  }

  adopt(message: Adopt): Promise<LogRow> {
    return this.#applied(async (tx) => ({ log: await adoptTail(tx, this.#setting, message), plan: null }));
  }

  /** A claim goes on over a restart, until `unfence` or `fence`. @throws DomainError `not-fenced` */
  claim(): Promise<void> {
    return this.#change((log) => {
      if (log.hold === 'none') throw notFenced(log.office);
      return { ...log, hold: 'claiming' };
    });
  }

  /** Says whether it was claimed. */
  unfence(): Promise<boolean> {
    return this.#store.transaction(async (tx) => {
      const log = await tx.lockLog();
      await tx.saveLog({ ...log, hold: 'none' });
      return log.hold === 'claiming';
    });
  }

  /** Ends selling here for good, and gives what is to be handed over: all that is not known to be acknowledged. */
  fence(session: number): Promise<{ common: ChainPoint; events: Uint8Array[] }> {
    return this.#store.transaction(async (tx) => {
      const log = await tx.lockLog();
      if (log.hold === 'none' && log.session !== session) throw notACopy();
      if (log.hold !== 'fenced') await tx.saveLog({ ...log, hold: 'fenced' });
      const rows = await tx.eventsBySeq(log.office, log.acked.seq, NO_LIMIT);
      return { common: log.acked, events: rows.map((row) => row.bytes) };
    });
  }

  /** The head's events held here that it wrote after one of them, in pages: see returned-events.ts. */
  async *headEventsAfter(tip: HeadTip | null): AsyncGenerator<HashedBytes[]> {
    const { headOffice } = await this.#store.read.logRow();
    yield* headEventsAfter(this.#store.read, headOffice, tip);
  }

  async #save(tx: StoreTx, log: LogRow, { plan }: Applied): Promise<Saved> {
    await tx.saveLog(log);
    return { log, plan };
  }

  /** One transaction that moves the log; whoever follows it is told after the commit. */
  async #applied(work: (tx: StoreTx) => Promise<Saved>): Promise<LogRow> {
    const { log, plan } = await this.#store.transaction(work);
    this.#setting.onApplied(log, plan);
    return log;
  }

  #change(change: (log: LogRow) => LogRow): Promise<void> {
    return this.#store.transaction(async (tx) => tx.saveLog(change(await tx.lockLog())));
  }
}

function pointOf({ event, hash }: LoggedEvent): ChainPoint {
  return { epoch: event.epoch, seq: event.seq, hash };
}

function headTip({ event, hash }: EventRow): HeadTip {
  return { epoch: event.epoch, seq: event.seq, hash };
}

async function ownPointAt(reader: StoreReader, log: LogRow, seq: number): Promise<ChainPoint | null> {
  if (seq === 0) return START_OF_CHAIN;
  return seq > log.tail.seq ? null : reader.pointAt(log.office, seq);
}

function decodeFed(events: readonly FedEvent[]): LoggedEvent[] {
  return events.map(({ bytes, hash }) => ({ event: decodeEvent(bytes), bytes, hash }));
}

/** Events whose dot is held with the same hash are known; with another hash somebody rewrote history. */
export async function notHeld(tx: StoreTx, events: readonly LoggedEvent[]): Promise<LoggedEvent[]> {
  if (events.length === 0) return [];
  const held = new Map(
    (await tx.eventsByDots(events.map(({ event }) => event))).map((row) => [dotName(row.event), row]),
  );
  return events.filter(({ event, hash }) => {
    const known = held.get(dotName(event));
    if (known === undefined) return true;
    if (sameBytes(known.hash, hash)) return false;
    throw new DomainError('history-contradicted', `Two different events are named ${dotName(event)}`, {
      dot: dotName(event),
    });
  });
}

function anotherHead(expected: string, actual: string): DomainError {
  return new DomainError(
    'another-head',
    `This database belongs to a branch of "${expected}"; LINK_URL leads to "${actual}"`,
    {
      expected,
      actual,
    },
  );
}

function notFenced(office: string): DomainError {
  return new DomainError('not-fenced', `"${office}" is not fenced: there is nothing to claim`, { office });
}

/** Somebody else has taken a session with this very database: it is shared, and must not be fenced. */
function notACopy(): DomainError {
  return new DomainError('second-process', 'Another process syncs this very database: stop one of them', {});
}
