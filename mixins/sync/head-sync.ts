import { errorType, isTransient, messageOf } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type { Ports } from '../../domain/ports.ts';
import { stepHead } from '../../domain/sync/head.ts';
import { type HeadEffect, type HeadInput, type HeadState, startHead } from '../../domain/sync/head-state.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { UpMessage } from '../../domain/sync/messages.ts';
import type { OfficeLedger } from '../ledger/create-ledger.ts';
import { type Duty, soleDuty } from '../duty/duty.ts';
import type { HeadLink, LinkProblem } from '../link/link.ts';
import { passed } from '../moments.ts';
import type { OfficeRow } from '../store/store.ts';
import { Feeder } from './feeder.ts';
import { FewLines, type LinkJournal, SILENT } from './few-lines.ts';
import { HeadEffects } from './head-effects.ts';
import { realTime, type Scheduler } from './scheduler.ts';
import { type HeadSync, NO_CONTACT, type SyncStatus } from './sync.ts';

const TICK_MS = 1_000;
const RETRY_MS = 500;
const NOT_CONNECTED = { type: 'link-unavailable', detail: 'not connected yet' };

export interface HeadSyncOptions {
  readonly ledger: OfficeLedger;
  readonly link: HeadLink;
  readonly ports: Ports;
  readonly scheduler?: Scheduler;
  /** Of publishing the feed, when the head runs on several nodes. */
  readonly duty?: Duty;
  /** Told each change of the link once. */
  readonly journal?: LinkJournal;
  readonly onAlarm?: (alarm: {
    readonly type: string;
    readonly detail: string;
    readonly office?: OfficeId;
  }) => void;
}

export function createHeadSync(options: HeadSyncOptions): HeadSync {
  return new HeadDriver(options);
}

/** Feeds each branch's machine with that branch's messages, one after another, and publishes the feed. */
class HeadDriver implements HeadSync {
  readonly #options: HeadSyncOptions;
  readonly #scheduler: Scheduler;
  readonly #effects: HeadEffects;
  readonly #feeder: Feeder;
  readonly #lines: FewLines;
  readonly #states = new Map<OfficeId, HeadState>();
  #linkProblem: SyncStatus['problem'] = NOT_CONNECTED;
  #databaseProblem: SyncStatus['problem'] = null;
  #isStopped = false;
  #cancelTick: () => void = () => {};
  #lastSeq = 0;
  /** Before this process. */
  #contactBeforeMs = 0;

  constructor(options: HeadSyncOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler ?? realTime;
    const { ledger, link, ports, duty = soleDuty } = options;
    const source = ports.newId();
    this.#effects = new HeadEffects({ ledger, link, source, onAlarm: (alarm) => this.#alarm(alarm) });
    this.#lines = new FewLines(ports, options.journal ?? SILENT);
    const onFailure = (error: unknown) => this.#alarm({ type: errorType(error), detail: messageOf(error) });
    this.#feeder = new Feeder({ ledger, link, duty, ports, onFailure });
  }

  async start(): Promise<void> {
    const { ledger, link } = this.#options;
    // Reads first: a start that the database did not let through is tried again, and must have left nothing behind.
    this.#lastSeq = (await ledger.read.logRow()).tail.seq;
    const offices = await ledger.read.offices();
    this.#contactBeforeMs = Math.max(0, ...offices.map(({ lastContactAtMs }) => lastContactAtMs));
    ledger.onCommitted(({ last }) => {
      this.#lastSeq = last.seq;
      this.#feeder.committed();
    });
    await link.start({
      onUp: () => this.#linkUp(),
      onDown: (detail, type = 'link-unavailable') => this.#linkDown({ type, detail }),
      onProblem: (problem) => this.#noticeProblem(problem),
      onMessage: (message) => this.#receive(message),
    });
    await this.#declare(offices);
    this.#tick();
  }

  contacts(): ReadonlyMap<string, { connected: boolean; lastContactAt: string | null }> {
    const nowMs = this.#options.ports.nowMs();
    const contact = ({ nonce, lastContactAtMs }: HeadState) => ({
      connected: this.#linkProblem === null && nonce !== '' && nowMs - lastContactAtMs < LIMITS.leaseMs,
      lastContactAt: lastContactAtMs === 0 ? null : new Date(lastContactAtMs).toISOString(),
    });
    return new Map([...this.#states].map(([office, state]) => [office, contact(state)]));
  }

  async officesChanged(): Promise<void> {
    await this.#declare(await this.#options.ledger.read.offices());
  }

  async #declare(offices: readonly OfficeRow[]): Promise<void> {
    const { link } = this.#options;
    this.#feeder.setWithAll(
      offices.some(({ status, subscribe }) => status === 'active' && subscribe === 'all'),
    );
    for (const { office, status, subscribe } of offices) {
      if (status === 'active') await link.declareBranch(office, subscribe);
      else await link.forgetBranch(office);
    }
  }

  status(): SyncStatus {
    const problem = this.#databaseProblem ?? this.#linkProblem ?? this.#refused();
    return {
      state: 'head',
      paused: false,
      pending: 0,
      ackedSeq: this.#lastSeq,
      safeSeq: 0,
      lastSeq: this.#lastSeq,
      lastContactAt: this.#lastContact(),
      problem,
      quarantined: NO_CONTACT.quarantined,
    };
  }

  #refused(): SyncStatus['problem'] {
    const { refused } = this.#options.link;
    return refused ? { type: refused.type, detail: refused.detail } : null;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTick();
    await this.#feeder.stop();
    await this.#options.link.stop();
  }

  #lastContact(): string | null {
    const heard = [...this.#states.values()].map(({ lastContactAtMs }) => lastContactAtMs);
    const last = Math.max(this.#contactBeforeMs, ...heard);
    return last === 0 ? null : new Date(last).toISOString();
  }

  #linkUp(): void {
    this.#linkProblem = null;
    this.#tellLink();
    this.#feeder.restart();
  }

  #linkDown(problem: NonNullable<SyncStatus['problem']>): void {
    this.#linkProblem = problem;
    this.#tellLink();
    this.#feeder.suspend();
  }

  #tellLink(): void {
    const problem = this.#linkProblem;
    if (problem === null) {
      this.#lines.tell({ key: 'up', level: 'info', text: 'The link is up: branches are heard.' });
    } else if (problem !== NOT_CONNECTED) {
      const text = `The link is down: ${problem.detail.replace(/\.$/, '')}. It is connected again by itself; branches keep what they write.`;
      this.#lines.tell({ key: problem.type, level: 'warn', text });
    }
  }

  #tick(): void {
    if (this.#isStopped) return;
    this.#tellLink();
    this.#feeder.wake(); // another process may have written to the head's log
    for (const office of this.#states.keys()) {
      this.#deal(office, { on: 'tick' }).catch((error: unknown) => this.#noticeFailure(office, error));
    }
    this.#cancelTick = this.#scheduler.after(TICK_MS, () => this.#tick());
  }

  /**
   * A message is dealt with when all that it caused is done. While the database is away it is kept, unacknowledged,
   * and nothing more is taken from the broker.
   */
  async #receive(message: UpMessage): Promise<void> {
    if (message.kind === 'batch') passed('batch-received');
    for (;;) {
      try {
        await this.#deal(message.office, { on: 'message', message });
        if (message.kind === 'batch') passed('batch-answered');
        return await this.#databaseBack();
      } catch (error) {
        if (!isTransient(error) || errorType(error) === 'link-unavailable') {
          this.#noticeFailure(message.office, error);
          return this.#databaseBack(); // whatever failed, it was not the database
        }
        if (this.#isStopped) throw error;
        await this.#databaseAway(error);
      }
    }
  }

  async #deal(office: OfficeId, input: HeadInput): Promise<void> {
    const { state, effects } = stepHead(
      this.#states.get(office) ?? startHead(office),
      input,
      this.#options.ports,
    );
    this.#states.set(office, state);
    for (const effect of effects) await this.#carryOut(office, effect);
  }

  async #carryOut(office: OfficeId, effect: HeadEffect): Promise<void> {
    const result = await this.#effects.carryOut(office, effect);
    if (effect.do === 'greet') this.#feeder.wake(); // the feed may have begun a new life
    if (result !== null) await this.#deal(office, result);
  }

  async #databaseAway(error: unknown): Promise<void> {
    if (this.#databaseProblem === null) {
      const type = errorType(error) === 'disk-full' ? 'disk-full' : 'database-unavailable';
      this.#databaseProblem = { type, detail: messageOf(error) };
      this.#alarm(this.#databaseProblem);
      await this.#options.link.consumeUp(false);
    }
    await new Promise<void>((resolve) => this.#scheduler.after(RETRY_MS, resolve));
  }

  async #databaseBack(): Promise<void> {
    if (this.#databaseProblem === null) return;
    this.#databaseProblem = null;
    await this.#options.link.consumeUp(true);
  }

  /** An answer that cannot be sent is asked for again; anything else is worth an alarm. */
  #noticeFailure(office: OfficeId, error: unknown): void {
    if (errorType(error) === 'link-unavailable') return;
    this.#alarm({ type: errorType(error), detail: messageOf(error), office });
  }

  /** What cannot be read is answered all the same: its sender would go on sending it. */
  #noticeProblem({ type, detail, office }: LinkProblem): void {
    const isUnreadable = type === 'undecodable' || type === 'wire-version-unknown';
    if (!isUnreadable || office === undefined) {
      this.#alarm({ type, detail, ...(office === undefined ? {} : { office }) });
      return;
    }
    this.#alarm({ type, detail: `From "${office}": ${detail}`, office });
    if (this.#states.has(office))
      this.#deal(office, { on: 'unreadable', detail }).catch((error: unknown) =>
        this.#noticeFailure(office, error),
      );
  }

  #alarm(alarm: { type: string; detail: string; office?: OfficeId }): void {
    this.#options.onAlarm?.(alarm);
  }
}
