import { DomainError, type ErrorData, errorType, isTransient } from '../../domain/errors.ts';
import type { AppendOutcome, AppendPlan, Submission } from '../../domain/office/append.ts';
import type { Scheduler } from '../sync/scheduler.ts';
import { weightOf } from './weight.ts';

export const GROUP_MAX = 500;
/** Submissions kept in memory at most; more are refused, so that a stalled database costs no unbounded memory. */
export const QUEUE_MAX = 20_000;
/** The same in bytes, those in the running transaction included: one submission may have as much as a request. */
export const KEPT_MAX_BYTES = 64 * 1024 * 1024;
const HOLD_MAX_MS = 10_000;
/** How long an unknown outcome is followed up while the database is away; then the caller is told that it is unknown. */
const SETTLE_ATTEMPTS = 20;
const SETTLE_PAUSE_MS = 500;

interface Waiting {
  readonly submission: Submission;
  readonly bytes: number;
  readonly settle: (outcome: AppendOutcome) => void;
}

export interface GroupCommitOptions {
  /** `again`: an earlier try may have been committed; its events are looked up by id first. */
  readonly append: (group: readonly Submission[], again: boolean) => Promise<AppendPlan>;
  readonly onCommitted: (plan: AppendPlan) => void;
  readonly scheduler: Scheduler;
}

/**
 * Coalesces concurrent submissions into one transaction, in order. While one transaction commits, the next group
 * gathers: no timer, and a lone submission does not wait.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #queue: Waiting[] = [];
  #keptBytes = 0;
  #isRunning = false;
  #isHeld = false;
  #endHold: (() => void) | null = null;
  #idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  submit(submission: Submission): Promise<AppendOutcome> {
    const bytes = weightOf(submission.command);
    if (this.#queue.length >= QUEUE_MAX) return refused({ limit: QUEUE_MAX });
    if (this.#keptBytes + bytes > KEPT_MAX_BYTES && this.#keptBytes > 0) {
      return refused({ limitBytes: KEPT_MAX_BYTES });
    }
    this.#keptBytes += bytes;
    return new Promise((settle) => {
      this.#queue.push({ submission, bytes, settle });
      this.#start();
    });
  }

  /** Holds new groups back; never for longer than a few seconds, since an office can always sell. */
  hold(held: boolean): void {
    this.#endHold?.();
    this.#endHold = null;
    this.#isHeld = held;
    if (held) this.#endHold = this.#options.scheduler.after(HOLD_MAX_MS, () => this.hold(false));
    else this.#start();
  }

  /** Resolves when nothing waits or runs. */
  async drained(): Promise<void> {
    this.hold(false);
    if (!this.#isRunning) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #start(): void {
    if (this.#isRunning || this.#isHeld || this.#queue.length === 0) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    await this.#options.scheduler.nextTurn(); // submissions that arrived over the network in the same moment join the first group
    while (this.#queue.length > 0 && !this.#isHeld) {
      const group = this.#queue.splice(0, GROUP_MAX);
      await this.#commit(group);
      for (const { bytes } of group) this.#keptBytes -= bytes;
    }
    this.#isRunning = false;
    if (this.#queue.length > 0) this.#start();
    else this.#idle.splice(0).forEach((resolve) => resolve());
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#append(group, false);
    } catch (error) {
      if (errorType(error) === 'commit-unknown') await this.#settleUnknown(group, error);
      else await this.#giveUp(group, error);
    }
  }

  async #append(group: readonly Waiting[], again: boolean): Promise<void> {
    const submissions = group.map(({ submission }) => submission);
    const plan = await this.#options.append(submissions, again);
    plan.outcomes.forEach((outcome, index) => group[index]!.settle(outcome)); // committed, whatever else fails
    this.#options.onCommitted(plan);
  }

  /** Whether it was committed is not known: the next try finds the events by their ids, or writes them. */
  async #settleUnknown(group: readonly Waiting[], unknown: unknown): Promise<void> {
    for (let attempt = 0; attempt < SETTLE_ATTEMPTS; attempt++) {
      try {
        return await this.#append(group, true);
      } catch (error) {
        if (!isTransient(error)) return this.#giveUp(group, error);
        await new Promise<void>((resolve) => this.#options.scheduler.after(SETTLE_PAUSE_MS, resolve));
      }
    }
    group.forEach(({ settle }) => settle({ ok: false, error: unknown }));
  }

  /** A failure that is not of the surroundings may be one submission's fault: then each has its own transaction. */
  async #giveUp(group: readonly Waiting[], error: unknown): Promise<void> {
    if (isTransient(error) || group.length === 1) {
      group.forEach(({ settle }) => settle({ ok: false, error }));
      return;
    }
    for (const waiting of group) await this.#commitAlone(waiting);
  }

  async #commitAlone(waiting: Waiting): Promise<void> {
    try {
      await this.#append([waiting], true);
    } catch (error) {
      if (errorType(error) === 'commit-unknown') await this.#settleUnknown([waiting], error);
      else waiting.settle({ ok: false, error });
    }
  }
}

function refused(limit: ErrorData): Promise<AppendOutcome> {
  const error = new DomainError('too-many-waiting', 'Too many commands wait for the database', limit);
  return Promise.resolve({ ok: false, error });
}
