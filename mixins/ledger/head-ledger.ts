import { type ChainPoint, sameBytes, START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { decodeEvent } from '../../domain/canonical.ts';
import { DomainError } from '../../domain/errors.ts';
import { dotName, entityKeyOf, type OfficeId, SHARED_SCOPE } from '../../domain/event.ts';
import { BATCH_MAX_BYTES, checkBatch } from '../../domain/sync/batch.ts';
import { forksOf } from '../../domain/sync/feed-lives.ts';
import { answerHello, type GreetingFacts, type GreetingOutcome } from '../../domain/sync/greeting.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import {
  type Batch,
  type FedEvent,
  type FeedCursor,
  type HashedBytes,
  type Hello,
  NOTHING_SAID,
  type QuarantineReport,
  type Subscription,
} from '../../domain/sync/messages.ts';
import type { FeedFilter, LogRow, OfficeRow, Store, StoreReader, StoreTx } from '../store/store.ts';
import { type Applied, applyEvents, type ApplySetting } from './apply-tx.ts';
import { notHeld } from './branch-ledger.ts';
import { distinctKeys } from './fold-view.ts';
import { nextEpoch } from './life.ts';
import { quarantineOf } from './quarantine-report.ts';

export interface BatchApplied {
  readonly verdict: 'ok' | 'gap' | 'fork';
  readonly cursor: ChainPoint;
  readonly safeSeq: number;
  readonly quarantined: QuarantineReport;
}

export interface Greeted {
  readonly outcome: GreetingOutcome;
  readonly subscribe: Subscription;
}

/** What the head's end of a link asks of its database. Every method is one transaction or one read. */
export class HeadLedger {
  readonly #store: Store;
  readonly #setting: ApplySetting;
  readonly #program: string;

  constructor(store: Store, setting: ApplySetting, program: string) {
    this.#store = store;
    this.#setting = setting;
    this.#program = program;
  }

  greet(hello: Hello): Promise<Greeted> {
    return this.#store.transaction(async (tx) => {
      const [office] = await tx.lockOffices([hello.office]);
      const log = await tx.lockLog();
      const facts = await this.#factsFor(tx, hello, log, office);
      const outcome = answerHello(hello, office ?? null, facts);
      if (outcome.verdict === 'welcome') await saveWelcome(tx, log, office!, hello, outcome);
      return { outcome, subscribe: office?.subscribe ?? 'own' };
    });
  }

  /** @throws DomainError `batch-refused` for one that contradicts itself, `unknown-office`, `retired-office` */
  async applyBatch(batch: Batch): Promise<BatchApplied> {
    let applied: Applied | null = null;
    let isKnown = false;
    const result = await this.#store.transaction(async (tx): Promise<BatchApplied> => {
      [applied, isKnown] = [null, false];
      const [office, log] = await Promise.all([lockActive(tx, batch.office), tx.lockLog()]);
      const { cursor, grantedEpoch, safeSeq } = office;
      const answer = async (verdict: BatchApplied['verdict'], at = cursor, now = log) => {
        return { verdict, cursor: at, safeSeq, quarantined: await quarantineOf(tx, now, batch.office) };
      };
      const checked = checkBatch(this.#setting.ports, cursor, grantedEpoch, batch);
      isKnown = checked.verdict === 'old' || (checked.verdict === 'fits' && checked.events.length === 0);
      if (checked.verdict === 'old') return answer(await verdictOnOld(tx, batch.office, checked.last));
      if (checked.verdict !== 'fits') return answer(checked.verdict);
      if (isKnown) return answer('ok');
      applied = await applyEvents(tx, this.#setting, log, checked.events);
      await Promise.all([tx.saveOffices([{ ...office, cursor: checked.tail }]), tx.saveLog(applied.log)]);
      return answer('ok', checked.tail, applied.log);
    });
    this.#tell(applied);
    if (isKnown) await this.#tellAgain(batch.events);
    return result;
  }

  async cursorOf(office: OfficeId): Promise<{ cursor: ChainPoint; safeSeq: number }> {
    const row = await this.#store.read.office(office);
    return { cursor: row?.cursor ?? START_OF_CHAIN, safeSeq: row?.safeSeq ?? 0 };
  }

  async quarantineOf(office: OfficeId): Promise<QuarantineReport> {
    const { read } = this.#store;
    return quarantineOf(read, await read.logRow(), office);
  }

  /** Grants a run of `LIMITS.grantedEpochs` epochs; returns the first. */
  grantEpoch(office: OfficeId): Promise<number> {
    return this.#store.transaction(async (tx) => {
      const row = await lockActive(tx, office);
      const first = nextEpoch(Math.max(row.grantedEpoch, row.cursor.epoch), this.#setting.ports);
      await tx.saveOffices([{ ...row, grantedEpoch: first + LIMITS.grantedEpochs - 1 }]);
      return first;
    });
  }

  /** The accepted events of an office after a seq, with the hash before them and where the log ends. */
  async ownOf(office: OfficeId, after: number) {
    const { cursor } = await this.cursorOf(office);
    const before = after === 0 ? START_OF_CHAIN : await this.#store.read.pointAt(office, after);
    if (before === null)
      throw new DomainError('log-moved', `The log of ${office} ends before ${after}`, { office, after });
    const limit = { count: LIMITS.fetchEvents, bytes: LIMITS.messageBytes };
    const rows = await this.#store.read.eventsBySeq(office, after, limit);
    const events = rows.map((row) => row.bytes);
    const reached = rows.at(-1)?.hash ?? before.hash;
    return { afterSeq: after, before: before.hash, after: reached, events, end: cursor };
  }

  /** Whether the event at a position is the one that a branch was fed with; nobody knows who does not name its hash. */
  async holdsFeedAt(position: number, hash: Uint8Array): Promise<boolean> {
    if (position === 0 || sameBytes(hash, ZERO_HASH)) return true;
    const held = await this.#store.read.eventAt(position);
    return held !== null && sameBytes(held.hash, hash);
  }

  /** The subscription after a position: events, and where the cursor stands after them. */
  async feedOf(office: OfficeId, subscribe: Subscription, after: number) {
    const log = await this.#store.read.logRow(); // before the events: nothing accepted after it may be passed over
    const limit = { count: LIMITS.pullEvents, bytes: BATCH_MAX_BYTES };
    const filter = feedFilter(log.office, office, subscribe);
    const rows = await this.#store.read.eventsByPosition(after, limit, filter);
    const last = rows.at(-1);
    const reached = last === undefined ? null : { position: last.position, hash: last.hash };
    const isEnd =
      reached === null || reached.position >= (await this.#store.read.lastPosition(filter, log.position));
    const events: FedEvent[] = rows.map(({ position, bytes, hash }) => ({ position, bytes, hash }));
    const upTo = isEnd ? await this.#endOfLog(log.position, reached, after) : reached;
    return { feedEpoch: log.feedEpoch, events, upTo, end: isEnd };
  }

  async beaconFor(office: OfficeId, subscribe: Subscription) {
    const log = await this.#store.read.logRow();
    const feedEnd = await this.#store.read.lastPosition(feedFilter(log.office, office, subscribe));
    const { safeSeq } = await this.cursorOf(office);
    return { feedEpoch: log.feedEpoch, feedEnd, position: log.position, safeSeq };
  }

  /** Events of this head that it had lost; kept under their old names. */
  async applyReturned(events: readonly HashedBytes[]): Promise<void> {
    const applied = await this.#store.transaction(async (tx) => {
      const log = await tx.lockLog();
      const decoded = events.map(({ bytes, hash }) => ({ event: decodeEvent(bytes), bytes, hash }));
      const strange = decoded.find(({ event }) => event.office !== log.office);
      if (strange)
        throw new DomainError('batch-refused', 'An event that is not the head’s was returned', {
          dot: dotName(strange.event),
        });
      const fresh = await notHeld(tx, decoded);
      const result = await applyEvents(tx, this.#setting, log, fresh);
      await tx.saveLog(result.log);
      return { ...result, isKnown: fresh.length < decoded.length };
    });
    this.#tell(applied);
    if (applied.isKnown) await this.#tellAgain(events.map(({ bytes }) => bytes));
  }

  /** Only while the session is still this process's. */
  renewLease(office: OfficeId, instance: string, leaseUntilMs: number): Promise<void> {
    const lastContactAtMs = this.#setting.ports.nowMs();
    return this.#changeLease(office, instance, { sessionConfirmed: true, leaseUntilMs, lastContactAtMs });
  }

  endLease(office: OfficeId, instance: string): Promise<void> {
    return this.#changeLease(office, instance, { sessionConfirmed: true, leaseUntilMs: 0 });
  }

  #tell(applied: Applied | null): void {
    if (applied !== null) this.#setting.onApplied(applied.log, applied.plan);
  }

  /**
   * Events that come again may have been committed by a try of which nobody heard, and so may the conflicts that they
   * opened: those are told of once more.
   */
  async #tellAgain(events: readonly Uint8Array[]): Promise<void> {
    const keys = distinctKeys(events.map((bytes) => entityKeyOf(decodeEvent(bytes))));
    const open = (await this.#store.read.openCases(keys)).map(({ id }) => id);
    if (open.length > 0) this.#setting.onKnown(await this.#store.read.logRow(), open);
  }

  #changeLease(office: OfficeId, instance: string, change: Partial<OfficeRow>): Promise<void> {
    return this.#store.transaction(async (tx) => {
      const [row] = await tx.lockOffices([office]);
      if (row?.instance === instance) await tx.saveOffices([{ ...row, ...change }]);
    });
  }

  async #endOfLog(position: number, reached: Pick<FeedCursor, 'position' | 'hash'> | null, after: number) {
    if (reached !== null && reached.position >= position) return reached;
    const last = await this.#store.read.eventAt(position);
    return last === null ? (reached ?? { position: after, hash: ZERO_HASH }) : { position, hash: last.hash };
  }

  async #factsFor(
    tx: StoreReader,
    hello: Hello,
    log: LogRow,
    office: OfficeRow | undefined,
  ): Promise<GreetingFacts> {
    const { position } = hello.feed;
    return {
      nowMs: this.#setting.ports.nowMs(),
      program: this.#program,
      head: log.office,
      hashAtTheirLast: office === undefined ? null : await hashAt(tx, office, hello.last.seq),
      hashAtTheirFeed: position === 0 ? ZERO_HASH : ((await tx.eventAt(position))?.hash ?? null),
      tipPositions: await tipPositions(tx, hello, log.office),
      feedEpoch: log.feedEpoch,
      feedForks: log.feedForks,
      nextFeedEpoch: nextEpoch(Math.max(log.feedEpoch, hello.feed.feedEpoch), this.#setting.ports),
      feedEnd: await tx.lastPosition(feedFilter(log.office, hello.office, office?.subscribe ?? 'own')),
      quarantined: await quarantineOf(tx, log, hello.office),
    };
  }
}

/** A batch that was applied before is welcome again, unless it says something else than the log. */
async function verdictOnOld(
  tx: StoreReader,
  office: OfficeId,
  last: { seq: number; hash: Uint8Array },
): Promise<'ok' | 'fork'> {
  const held = await tx.pointAt(office, last.seq);
  return held !== null && sameBytes(held.hash, last.hash) ? 'ok' : 'fork';
}

async function saveWelcome(
  tx: StoreTx,
  log: LogRow,
  office: OfficeRow,
  hello: Hello,
  outcome: Extract<GreetingOutcome, { verdict: 'welcome' }>,
): Promise<void> {
  // A head that was restored may have forgotten an epoch that it granted.
  const grantedEpoch = Math.max(office.grantedEpoch, hello.last.epoch);
  const lastContactAtMs = outcome.row.leaseUntilMs - LIMITS.leaseMs;
  const datasets = hello.datasets ?? NOTHING_SAID;
  await tx.saveOffices([{ ...office, ...outcome.row, grantedEpoch, lastContactAtMs, datasets }]);
  if (outcome.mint === null) return;
  const { feedEpoch } = outcome.mint;
  await tx.saveLog({ ...log, feedEpoch, feedForks: [...log.feedForks, ...forksOf(outcome.mint)] });
}

async function lockActive(tx: StoreTx, office: OfficeId): Promise<OfficeRow> {
  const [row] = await tx.lockOffices([office]);
  if (row === undefined)
    throw new DomainError('unknown-office', `The head knows no office "${office}"`, { office });
  if (row.status === 'retired')
    throw new DomainError('retired-office', `The office "${office}" is retired`, { office });
  return row;
}

async function hashAt(tx: StoreReader, office: OfficeRow, seq: number): Promise<Uint8Array | null> {
  if (seq === 0) return ZERO_HASH;
  return seq > office.cursor.seq ? null : ((await tx.pointAt(office.office, seq))?.hash ?? null);
}

async function tipPositions(tx: StoreReader, hello: Hello, head: OfficeId): Promise<(number | null)[]> {
  const dots = hello.headTips.map(({ epoch, seq }) => ({ office: head, epoch, seq }));
  const held = new Map(
    (dots.length === 0 ? [] : await tx.eventsByDots(dots)).map((row) => [dotName(row.event), row]),
  );
  return hello.headTips.map((tip, index) => {
    const row = held.get(dotName(dots[index]!));
    return row !== undefined && sameBytes(row.hash, tip.hash) ? row.position : null;
  });
}

/** A branch's subscription as a filter on the head's log. Its own events do not echo down to it. */
export function feedFilter(head: OfficeId, office: OfficeId, subscribe: Subscription): FeedFilter {
  return subscribe === 'all' ? { notAuthor: office } : { author: head, scopes: [office, SHARED_SCOPE] };
}
