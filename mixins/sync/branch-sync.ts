import { errorType, isTransient } from '../../domain/errors.ts';
import type { Ports } from '../../domain/ports.ts';
import { type BranchOptions, startBranch } from '../../domain/sync/branch-start.ts';
import { stepBranch } from '../../domain/sync/branch.ts';
import { beginAnew } from '../../domain/sync/branch-failure.ts';
import type { BranchEffect, BranchInput, BranchState, BranchStep } from '../../domain/sync/branch-state.ts';
import type { DownMessage, QuarantineReport, UpMessage } from '../../domain/sync/messages.ts';
import type { OfficeLedger } from '../ledger/create-ledger.ts';
import type { BranchLink, LinkProblem } from '../link/link.ts';
import { passed } from '../moments.ts';
import { BranchEffects } from './branch-effects.ts';
import { type LinkJournal, SILENT } from './few-lines.ts';
import { Lane } from './lane.ts';
import { LinePace } from './line-pace.ts';
import { LinkWatch } from './link-watch.ts';
import { quarantineStatus, quarantineText } from './quarantine-status.ts';
import { realTime, type Scheduler } from './scheduler.ts';
import { assertNotPaused, claimRefused, SyncWaiters } from './sync-waiters.ts';
import { type BranchSync, type SyncStatus, NO_CONTACT } from './sync.ts';

const TICK_MS = 250;
const TICKS_PER_LOOK = 8;
/** How often the time of the last contact is saved while there is some. */
const TICKS_PER_CONTACT = 240;
/** The head gives whoever holds the lease some seconds to answer, and the claim is refused as held meanwhile. */
const CLAIM_PATIENCE_MS = 30_000;

export interface BranchSyncOptions extends Pick<BranchOptions, 'program' | 'mode' | 'subscribe'> {
  readonly ledger: OfficeLedger;
  readonly link: BranchLink;
  readonly ports: Ports;
  readonly scheduler?: Scheduler;
  /** Whether the office syncs by itself at this hour (SYNC_WINDOWS); always, unless told. */
  readonly isWindowOpen?: (nowMs: number) => boolean;
  /** This process; new at every start. */
  readonly instance: string;
  /** Told each change of the link once. */
  readonly journal?: LinkJournal;
  /** An alarm for the log. */
  readonly onAlarm?: (alarm: { readonly type: string; readonly detail: string }) => void;
}

export function createBranchSync(options: BranchSyncOptions): BranchSync {
  return new BranchDriver(options);
}

/** Feeds the branch's machine and carries out its effects, in order: those on the database one after another. */
class BranchDriver implements BranchSync {
  readonly #options: BranchSyncOptions;
  readonly #effects: BranchEffects;
  readonly #scheduler: Scheduler;
  /** Effects on the database. Reads of what is to be sent have a lane of their own: up does not wait for down. */
  readonly #writes = new Lane();
  readonly #reads = new Lane();
  readonly #waiters: SyncWaiters;
  readonly #watch: LinkWatch;
  readonly #pace: LinePace;
  #state: BranchState | null = null;
  /** What was asked for while the state was being read. */
  readonly #early: BranchInput[] = [];
  #isStopped = false;
  #ticks = 0;
  #savedContactAtMs = 0;
  #cancelTick: () => void = () => {};

  constructor(options: BranchSyncOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler ?? realTime;
    this.#pace = new LinePace(options.ports);
    this.#effects = new BranchEffects({
      ...options,
      scheduler: this.#scheduler,
      batchBytes: () => this.#pace.batchBytes,
    });
    this.#waiters = new SyncWaiters(options.ports, this.#scheduler, () => this.status());
    this.#watch = new LinkWatch(options.ports, options.journal ?? SILENT);
  }

  async start(): Promise<void> {
    await this.#load();
    for (const input of this.#early.splice(0)) this.#step(input);
    const { ledger } = this.#options;
    ledger.onCommitted(({ last }) => this.#step({ on: 'appended', last }));
    ledger.datasets.onChanged(() => this.#step({ on: 'datasets-changed', datasets: ledger.datasets.said() }));
    await this.#options.link.start({
      onUp: () => this.#step({ on: 'link-up' }),
      onDown: (reason, type = 'link-unavailable') => this.#step({ on: 'link-down', reason, type }),
      onProblem: (problem) => this.#alarm(problem),
      onMessage: (message) => this.#receive(message),
    });
    this.#tick();
  }

  async now(deadlineMs?: number, patienceMs = deadlineMs): Promise<SyncStatus> {
    assertNotPaused(this.status());
    const done = this.#waiters.wait(deadlineMs, patienceMs);
    this.#step({ on: 'sync-now' });
    return done;
  }

  async claim(deadlineMs?: number): Promise<SyncStatus> {
    assertNotPaused(this.status());
    await this.#options.ledger.branch.claim(); // or it is not: a restart must not forget it
    const done = this.#waiters.wait(deadlineMs, deadlineMs ?? CLAIM_PATIENCE_MS);
    this.#step({ on: 'claim' });
    return done.catch((error: unknown) => {
      throw this.#state?.fenced === true ? claimRefused(this.status()) : error;
    });
  }

  async pause(): Promise<SyncStatus> {
    await this.#options.ledger.savePaused(true); // or it is not: a restart must not resume by itself
    this.#step({ on: 'pause' });
    this.#waiters.reject();
    await this.#writes.idle();
    return this.status();
  }

  async resume(): Promise<SyncStatus> {
    await this.#options.ledger.savePaused(false);
    this.#step({ on: 'resume' });
    await this.#writes.idle();
    return this.status();
  }

  status(): SyncStatus {
    const state = this.#state;
    if (state === null) return NOT_STARTED;
    const { paused, last, acked, safeSeq, lastContactAtMs } = state;
    return {
      state: this.#stateName(state),
      paused,
      pending: last.seq - acked.seq,
      ackedSeq: acked.seq,
      safeSeq,
      lastSeq: last.seq,
      lastContactAt: lastContactAtMs === 0 ? null : new Date(lastContactAtMs).toISOString(),
      problem: this.#watch.problem(state) ?? state.problem,
      quarantined: quarantineStatus(state.office, state.quarantined),
    };
  }

  #stateName(state: BranchState): string {
    const { paused, phase } = state;
    if (paused && phase.name === 'idle') return 'paused';
    if (state.claiming) return 'claiming';
    return this.#watch.isSilent(state) ? 'waiting-for-head' : phase.name;
  }

  async stop(): Promise<void> {
    if (this.#state !== null) this.#step({ on: 'stop' });
    this.#isStopped = true;
    this.#cancelTick();
    await Promise.all([this.#writes.idle(), this.#reads.idle()]);
    await this.#effects.flush().catch(() => {}); // the next greeting brings it again
    await this.#saveContact();
    this.#waiters.reject();
    await this.#options.link.stop();
  }

  async #load(): Promise<void> {
    const { office, read, branch } = this.#options.ledger;
    const { program, mode, subscribe, instance } = this.#options;
    const { paused, hold, tail, acked } = await read.logRow();
    const options = { office, instance, program, mode, subscribe, paused };
    const lastContactAtMs = await branch.lastContactAtMs();
    this.#savedContactAtMs = lastContactAtMs;
    const quarantined = await branch.quarantined();
    const held = { fenced: hold === 'fenced', claiming: hold === 'claiming' };
    this.#state = { ...startBranch({ ...options, ...held }, tail, acked), lastContactAtMs, quarantined };
  }

  /** For people only: a failure is not worth a word. */
  async #saveContact(): Promise<void> {
    const atMs = this.#state?.lastContactAtMs ?? 0;
    if (atMs <= this.#savedContactAtMs) return;
    this.#savedContactAtMs = atMs;
    await this.#options.ledger.branch.saveContact(atMs).catch(() => {});
  }

  #tick(): void {
    if (this.#isStopped) return;
    const { ports, isWindowOpen } = this.#options;
    if (isWindowOpen) this.#step({ on: 'window', isOpen: isWindowOpen(ports.nowMs()) });
    this.#step({ on: 'tick' });
    this.#ticks += 1;
    if (this.#ticks % TICKS_PER_LOOK === 0) this.#lookForMore();
    if (this.#ticks % TICKS_PER_CONTACT === 0) this.#writes.run(() => this.#saveContact());
    this.#waiters.rejectVain();
    this.#cancelTick = this.#scheduler.after(TICK_MS, () => this.#tick());
  }

  /** Another process may have written to this office's log: an import, another node. */
  #lookForMore(): void {
    this.#reads.run(async () => {
      const tail = await this.#options.ledger.read.logRow().then(
        (row) => row.tail,
        () => null,
      );
      if (tail !== null) this.#step({ on: 'appended', last: tail });
    });
  }

  /** A run of the feed is dealt with when it is applied: the broker waits that long before it hands out more. */
  async #receive(message: DownMessage): Promise<void> {
    this.#watch.heard();
    this.#step({ on: 'message', message });
    if (message.kind === 'feed') await this.#writes.idle();
  }

  #step(input: BranchInput): void {
    if (this.#isStopped && input.on !== 'stop') return;
    if (this.#state === null) return void this.#early.push(input);
    const { state, effects } = this.#next(this.#state, input);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#watch.look(state);
    this.#noticeEnd(state);
  }

  #next(state: BranchState, input: BranchInput): BranchStep {
    const { ports } = this.#options;
    try {
      return stepBranch(state, input, ports);
    } catch (error) {
      const problem = { type: errorType(error), detail: detailOf(error) };
      this.#alarm(problem);
      const linkUp = input.on === 'link-up' || (state.linkUp && input.on !== 'link-down');
      return beginAnew({ ...state, linkUp }, problem, ports);
    }
  }

  #carryOut(effect: BranchEffect): void {
    switch (effect.do) {
      case 'send':
        return this.#send(effect.message);
      case 'drained':
        return this.#waiters.resolve();
      case 'read-own':
        return this.#reads.run(() => this.#attempt(effect));
      case 'save-quarantined':
        return this.#writes.run(async () => {
          await this.#attempt(effect);
          this.#tellQuarantined(effect.report); // once it survives this process
        });
      case 'apply-feed':
        this.#watch.received(effect.events.length);
        return this.#writes.run(() => this.#attempt(effect));
      default:
        return this.#writes.run(() => this.#attempt(effect));
    }
  }

  #tellQuarantined(report: QuarantineReport): void {
    const detail = quarantineText(this.#options.ledger.office, report);
    if (report.count > 0) this.#alarm({ type: 'quarantined-at-head', detail });
    else this.#options.journal?.info(detail);
  }

  #send(message: UpMessage): void {
    const { kind, nonce } = message;
    this.#watch.sent(message, this.#state?.acked.seq ?? 0);
    if (message.kind === 'batch') passed('batch-read');
    const sent = this.#options.link.send(message);
    if (message.kind === 'batch') this.#pace.measure(message, sent);
    sent.catch((error: unknown) => {
      this.#watch.notSent();
      this.#step({ on: 'send-failed', kind, nonce, type: errorType(error), detail: detailOf(error) });
    });
  }

  async #attempt(effect: BranchEffect): Promise<void> {
    try {
      const result = await this.#effects.carryOut(effect);
      if (result !== null) this.#step(result);
    } catch (error) {
      const type = errorType(error);
      const retry = isTransient(error);
      if (!retry) this.#alarm({ type, detail: detailOf(error) });
      this.#step({ on: 'failed', effect: effect.do, type, detail: detailOf(error), retry });
    }
  }

  /** Nobody waits for what cannot come. */
  #noticeEnd({ phase }: BranchState): void {
    // The lease of an earlier process ends by itself; any other refusal takes somebody to act.
    const isRefused = phase.name === 'refused' && phase.reason !== 'lease-held';
    if (isRefused || phase.name === 'fenced') this.#waiters.reject();
  }

  #alarm({ type, detail }: Pick<LinkProblem, 'type' | 'detail'>): void {
    this.#options.onAlarm?.({ type, detail });
  }
}

const NOT_STARTED: SyncStatus = { ...NO_CONTACT, state: 'starting' };

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
