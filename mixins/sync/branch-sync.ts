import { errorType, DomainError, isTransient } from '../../domain/errors.ts';
import type { Ports } from '../../domain/ports.ts';
import { type BranchOptions, startBranch } from '../../domain/sync/branch-start.ts';
import { stepBranch } from '../../domain/sync/branch.ts';
import { beginAnew } from '../../domain/sync/branch-failure.ts';
import type { BranchEffect, BranchInput, BranchState, BranchStep } from '../../domain/sync/branch-state.ts';
import type { DownMessage, UpMessage } from '../../domain/sync/messages.ts';
import type { OfficeLedger } from '../ledger/create-ledger.ts';
import type { BranchLink, LinkProblem } from '../link/link.ts';
import { BranchEffects } from './branch-effects.ts';
import { Lane } from './lane.ts';
import { realTime, type Scheduler } from './scheduler.ts';
import type { BranchSync, SyncStatus } from './sync.ts';

const TICK_MS = 250;
const TICKS_PER_LOOK = 8;

export interface BranchSyncOptions extends Pick<BranchOptions, 'program' | 'mode' | 'subscribe'> {
  readonly ledger: OfficeLedger;
  readonly link: BranchLink;
  readonly ports: Ports;
  readonly scheduler?: Scheduler;
  /** Whether the office syncs by itself at this hour (SYNC_WINDOWS); always, unless told. */
  readonly isWindowOpen?: (nowMs: number) => boolean;
  /** This process; new at every start. */
  readonly instance: string;
  /** An alarm for the log. */
  readonly onAlarm?: (alarm: { readonly type: string; readonly detail: string }) => void;
}

export function createBranchSync(options: BranchSyncOptions): BranchSync {
  return new BranchDriver(options);
}

interface Waiter {
  readonly resolve: (status: SyncStatus) => void;
  readonly reject: (error: Error) => void;
}

/** Feeds the branch's machine and carries out its effects, in order: those on the database one after another. */
class BranchDriver implements BranchSync {
  readonly #options: BranchSyncOptions;
  readonly #effects: BranchEffects;
  readonly #scheduler: Scheduler;
  /** Effects on the database. Reads of what is to be sent have a lane of their own: up does not wait for down. */
  readonly #writes = new Lane();
  readonly #reads = new Lane();
  readonly #waiters = new Set<Waiter>();
  #state: BranchState | null = null;
  #isStopped = false;
  #ticks = 0;
  #cancelTick: () => void = () => {};

  constructor(options: BranchSyncOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler ?? realTime;
    this.#effects = new BranchEffects({ ...options, scheduler: this.#scheduler });
  }

  async start(): Promise<void> {
    await this.#load();
    this.#options.ledger.onCommitted(({ last }) => this.#step({ on: 'appended', last }));
    await this.#options.link.start({
      onUp: () => this.#step({ on: 'link-up' }),
      onDown: (reason) => this.#step({ on: 'link-down', reason }),
      onProblem: (problem) => this.#alarm(problem),
      onMessage: (message) => this.#receive(message),
    });
    this.#tick();
  }

  async now(deadlineMs: number): Promise<SyncStatus> {
    const status = this.status();
    if (status.paused) throw new DomainError('sync-paused', 'Sync is paused; resume it first', { status });
    return new Promise((resolve, reject) => {
      const cancel = this.#scheduler.after(deadlineMs, () => waiter.reject(incomplete(this.status())));
      const end = () => {
        cancel();
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        resolve: (done) => (end(), resolve(done)),
        reject: (error) => (end(), reject(error)),
      };
      this.#waiters.add(waiter);
      this.#step({ on: 'sync-now' });
    });
  }

  async pause(): Promise<SyncStatus> {
    await this.#options.ledger.savePaused(true); // or it is not: a restart must not resume by itself
    this.#step({ on: 'pause' });
    this.#rejectWaiters();
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
    const { phase, paused, last, acked, safeSeq, lastContactAtMs, problem } = state;
    return {
      state: paused && phase.name === 'idle' ? 'paused' : phase.name,
      paused,
      pending: last.seq - acked.seq,
      ackedSeq: acked.seq,
      safeSeq,
      lastSeq: last.seq,
      lastContactAt: lastContactAtMs === 0 ? null : new Date(lastContactAtMs).toISOString(),
      problem,
    };
  }

  async stop(): Promise<void> {
    if (this.#state !== null) this.#step({ on: 'stop' });
    this.#isStopped = true;
    this.#cancelTick();
    await Promise.all([this.#writes.idle(), this.#reads.idle()]);
    await this.#effects.flush().catch(() => {}); // the next greeting brings it again
    this.#rejectWaiters();
    await this.#options.link.stop();
  }

  #rejectWaiters(): void {
    for (const waiter of [...this.#waiters]) waiter.reject(incomplete(this.status()));
  }

  async #load(): Promise<void> {
    const { office, read } = this.#options.ledger;
    const { program, mode, subscribe, instance } = this.#options;
    const { paused, hold, tail, acked } = await read.logRow();
    const options = { office, instance, program, mode, subscribe, paused, fenced: hold === 'fenced' };
    this.#state = startBranch(options, tail, acked);
  }

  #tick(): void {
    if (this.#isStopped) return;
    const { ports, isWindowOpen } = this.#options;
    if (isWindowOpen) this.#step({ on: 'window', isOpen: isWindowOpen(ports.nowMs()) });
    this.#step({ on: 'tick' });
    this.#ticks += 1;
    if (this.#ticks % TICKS_PER_LOOK === 0) this.#lookForMore();
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
    this.#step({ on: 'message', message });
    if (message.kind === 'feed') await this.#writes.idle();
  }

  #step(input: BranchInput): void {
    if (this.#state === null || (this.#isStopped && input.on !== 'stop')) return;
    const { state, effects } = this.#next(this.#state, input);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
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
        return this.#drained();
      case 'read-own':
        return this.#reads.run(() => this.#attempt(effect));
      default:
        return this.#writes.run(() => this.#attempt(effect));
    }
  }

  #send(message: UpMessage): void {
    const { kind, nonce } = message;
    this.#options.link.send(message).catch((error: unknown) => {
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

  #drained(): void {
    const status = this.status();
    for (const waiter of [...this.#waiters]) waiter.resolve(status);
  }

  /** Nobody waits for what cannot come. */
  #noticeEnd({ phase }: BranchState): void {
    // The lease of an earlier process ends by itself; any other refusal takes somebody to act.
    const isRefused = phase.name === 'refused' && phase.reason !== 'lease-held';
    if (isRefused || phase.name === 'fenced') this.#rejectWaiters();
  }

  #alarm({ type, detail }: Pick<LinkProblem, 'type' | 'detail'>): void {
    this.#options.onAlarm?.({ type, detail });
  }
}

const NOT_STARTED: SyncStatus = {
  state: 'starting',
  paused: false,
  pending: 0,
  ackedSeq: 0,
  safeSeq: 0,
  lastSeq: 0,
  lastContactAt: null,
  problem: null,
};

function incomplete(status: SyncStatus): DomainError {
  const why = status.problem?.detail ?? `it is still ${status.state}`;
  return new DomainError('sync-incomplete', `The sync could not be completed: ${why}`, { status });
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
