import { errorType, isTransient } from '../../domain/errors.ts';
import type { ProjectionRow, ProjectionStore } from '../store/projections/projection-store.ts';
import type { Scheduler } from '../sync/scheduler.ts';
import type { Worker } from './claim.ts';
import { type Damage, followOnce, type FollowOutcome, isWorkedOn } from './follow.ts';
import { askForMissing } from './ask-for-missing.ts';
import { JobRunner } from './job-runner.ts';
import { Pace } from './pace.ts';

export interface ProjectorOptions {
  readonly store: ProjectionStore;
  readonly worker: Worker;
  readonly scheduler: Scheduler;
  /** Whether others wait for this process while it folds and writes: SQLite. */
  readonly isInProcess: boolean;
  readonly journal: { warn(text: string): void; error(text: string): void };
}

interface Wait {
  readonly ms: number;
  /** There is nothing to follow. */
  readonly isRest: boolean;
  readonly isTroubled: boolean;
}

/** Commits that follow each other closely are followed together. */
const GATHER_MS = 40;
/** Another process may have written, or may have died in the middle of a job. */
const LOOK_MS = 2_000;
const AFTER_TROUBLE_MS = 1_000;
const AFTER_TROUBLE: Wait = { ms: AFTER_TROUBLE_MS, isRest: false, isTroubled: true };

/**
 * Keeps projections up with the log in the background, and does what was asked for: rebuild, verify, as-of. Sellers go
 * first: it works in short steps, with pauses between them while there is something to sell.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #pace: Pace;
  readonly #jobs: JobRunner;
  #isStopped = true;
  #isWoken = false;
  #cancelTimer: () => void = () => {};
  #resume: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #lastTrouble = '';
  #isFirstTurn = true;
  /** When the next step of a job may begin. */
  #jobDueMs = 0;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#pace = new Pace(options.isInProcess);
    this.#jobs = new JobRunner(options.store, options.worker, () => this.#pace.jobLimit);
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#isFirstTurn = true;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#resume();
    await this.#running;
  }

  /** The log has moved. */
  committed(): void {
    this.#pace.sold();
    this.#stir();
  }

  /** There is something to do. */
  wake(): void {
    this.#jobDueMs = 0;
    this.#stir();
  }

  #stir(): void {
    this.#isWoken = true;
    this.#resume();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      let wait: Wait = AFTER_TROUBLE;
      try {
        this.#isWoken = false;
        wait = await this.#turn();
        if (!wait.isTroubled) this.#lastTrouble = '';
      } catch (error) {
        this.#tell(error);
      }
      if (!this.#isStopped) await this.#wait(wait);
    }
  }

  /**
   * One step of what follows and one of what was asked for; how long to wait afterwards. What was asked for may mend what
   * cannot follow.
   */
  async #turn(): Promise<Wait> {
    const rows = await this.#options.store.rows();
    const isAsked = await askForMissing(this.#options, rows, this.#isFirstTurn);
    this.#isFirstTurn = false;
    if (isAsked) return { ms: 0, isRest: false, isTroubled: false };
    const wait = await this.#followStep(rows);
    const jobs = rows.filter(isWorkedOn);
    if (jobs.length > 0 && performance.now() >= this.#jobDueMs) await this.#stepOfOne(jobs);
    const jobMs = jobs.length === 0 ? Infinity : Math.max(0, this.#jobDueMs - performance.now());
    return { ...wait, ms: Math.min(wait.ms, jobMs) };
  }

  async #followStep(rows: readonly ProjectionRow[]): Promise<Wait> {
    const { store, worker } = this.#options;
    const startedMs = performance.now();
    let followed: FollowOutcome;
    try {
      followed = await followOnce(store, rows, worker, this.#pace.followLimit);
    } catch (error) {
      this.#tell(error);
      return AFTER_TROUBLE;
    }
    for (const damage of followed.damaged) this.#warnDamaged(damage);
    if (!followed.worked) return { ms: LOOK_MS, isRest: true, isTroubled: false };
    this.#pace.followed(followed.readMs);
    return { ms: this.#pace.pauseMs(performance.now() - startedMs), isRest: false, isTroubled: false };
  }

  /** The first one that can go on; one that cannot is in the way of none of the others. */
  async #stepOfOne(jobs: readonly ProjectionRow[]): Promise<void> {
    for (const row of jobs) {
      try {
        if (await this.#stepOf(row)) return;
      } catch (error) {
        this.#tell(error);
      }
    }
    this.#jobDueMs = performance.now() + AFTER_TROUBLE_MS;
  }

  async #stepOf({ name }: ProjectionRow): Promise<boolean> {
    const startedMs = performance.now();
    const row = await this.#options.store.row(name);
    if (row === null || !isWorkedOn(row) || (await this.#jobs.step(row)) === 'waits') return false;
    const endedMs = performance.now();
    this.#pace.worked(this.#jobs.readMs);
    this.#jobDueMs = endedMs + this.#pace.jobPauseMs(endedMs - startedMs, row.job!.maxLoad);
    return true;
  }

  /** Commits cut a rest short. */
  #wait({ ms, isRest }: Wait): Promise<void> {
    const waitMs = isRest && this.#isWoken ? Math.min(ms, GATHER_MS) : ms;
    return new Promise((resolve) => {
      const done = (): void => {
        this.#resume = () => {};
        this.#cancelTimer();
        resolve();
      };
      const endMs = performance.now() + waitMs;
      this.#cancelTimer = this.#options.scheduler.after(waitMs, done);
      this.#resume = () => {
        if (this.#isStopped) return done();
        if (!isRest || endMs - performance.now() < GATHER_MS) return;
        this.#cancelTimer();
        this.#resume = () => (this.#isStopped ? done() : undefined);
        this.#cancelTimer = this.#options.scheduler.after(GATHER_MS, done);
      };
    });
  }

  #tell(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text === this.#lastTrouble) return;
    this.#lastTrouble = text;
    if (isTransient(error)) return; // whoever sells is told
    this.#options.journal.error(
      `Projections do not follow: ${errorType(error) === 'unexpected' && error instanceof Error ? error.stack : text}`,
    );
  }

  #warnDamaged({ name, problem }: Damage): void {
    this.#options.journal.warn(
      `The projection ${name} is damaged and does not follow: ${problem.detail}. Make it anew: branchline projections rebuild ${name}`,
    );
  }
}
