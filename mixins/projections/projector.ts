import { errorType, isTransient } from '../../domain/errors.ts';
import type { ProjectionRow, ProjectionStore } from '../store/projections/projection-store.ts';
import type { Scheduler } from '../sync/scheduler.ts';
import type { Worker } from './claim.ts';
import { allDeclared, type Declared } from './declared.ts';
import { followOnce, isWorkedOn } from './follow.ts';
import { newJob } from './job.ts';
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

/** Commits that follow each other closely are followed together. */
const GATHER_MS = 40;
/** Another process may have written, or may have died in the middle of a job. */
const LOOK_MS = 2_000;
const AFTER_TROUBLE_MS = 1_000;

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

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#pace = new Pace(options.isInProcess);
    this.#jobs = new JobRunner(options.store, options.worker, () => this.#pace.jobLimit);
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
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
    this.wake();
  }

  /** There is something to do. */
  wake(): void {
    this.#isWoken = true;
    this.#resume();
  }

  async #run(): Promise<void> {
    let isPrepared = false;
    while (!this.#isStopped) {
      let waitMs = LOOK_MS;
      try {
        this.#isWoken = false;
        if (!isPrepared) await prepareRows(this.#options);
        isPrepared = true;
        waitMs = await this.#turn();
        this.#lastTrouble = '';
      } catch (error) {
        this.#tell(error);
        waitMs = AFTER_TROUBLE_MS;
      }
      if (!this.#isStopped) await this.#wait(waitMs);
    }
  }

  /** One step of what follows and one of what was asked for; how long to wait afterwards. */
  async #turn(): Promise<number> {
    const { store, worker } = this.#options;
    const startedMs = performance.now();
    const rows = await store.rows();
    const followed = await followOnce(store, rows, worker, this.#pace.followLimit);
    for (const name of followed.damaged) this.#warnDamaged(name);
    if (followed.worked) this.#pace.followed(performance.now() - startedMs);
    const [next] = rows.filter(isWorkedOn);
    if (next === undefined) return followed.worked ? this.#pace.pauseMs(startedMs) : LOOK_MS;
    const jobMs = performance.now();
    const current = await store.row(next.name);
    const outcome = current !== null && isWorkedOn(current) ? await this.#jobs.step(current) : 'worked';
    if (outcome === 'waits') return followed.worked ? this.#pace.pauseMs(startedMs) : AFTER_TROUBLE_MS;
    this.#pace.worked(performance.now() - jobMs);
    return this.#pace.pauseMs(startedMs, next.job?.maxLoad ?? 1);
  }

  /** Commits cut a rest short, and no pause. */
  #wait(waitMs: number): Promise<void> {
    const isRest = waitMs >= AFTER_TROUBLE_MS;
    if (isRest && this.#isWoken) return this.#wait(GATHER_MS);
    return new Promise((resolve) => {
      const done = (): void => {
        this.#resume = () => {};
        this.#cancelTimer();
        resolve();
      };
      this.#cancelTimer = this.#options.scheduler.after(waitMs, done);
      this.#resume = () => {
        if (this.#isStopped) done();
        else if (isRest) {
          this.#cancelTimer();
          this.#resume = () => (this.#isStopped ? done() : undefined);
          this.#cancelTimer = this.#options.scheduler.after(GATHER_MS, done);
        }
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

  #warnDamaged(name: string): void {
    this.#options.journal.warn(
      `The projection ${name} is damaged and does not follow. Make it anew: branchline projections rebuild ${name}`,
    );
  }
}

/** What this program declares and the database does not have yet is made; what another version made is made anew. */
async function prepareRows({ store, worker }: Pick<ProjectorOptions, 'store' | 'worker'>): Promise<void> {
  const moment = await store.present();
  for (const of of allDeclared()) {
    const known = await store.row(of.base);
    if (!isToBeMade(known, of)) continue;
    await store.transaction(async (tx) => {
      const row = await tx.lockRow(of.base);
      if (!isToBeMade(row, of)) return; // another process was first
      const made = row ?? newRow(of);
      if (of.kind === 'dataset') await tx.saveRow({ ...made, version: of.version });
      else await tx.saveRow({ ...made, job: newJob({ kind: 'rebuild', moment }, worker.nowMs()) });
    });
  }
}

function isToBeMade(row: ProjectionRow | null, { version }: Declared): boolean {
  if (row === null) return true;
  return (row.version !== version || row.state === 'making') && row.state !== 'dropped' && !isWorkedOn(row);
}

export function newRow({ base, kind, version }: Declared): ProjectionRow {
  return {
    name: base,
    base,
    kind,
    version,
    state: kind === 'dataset' ? 'live' : 'making',
    checkpoint: { position: 0, lateNo: 0 },
    holder: '',
    token: 0,
    leaseUntilMs: 0,
    failures: 0,
    updatedAtMs: 0,
    job: null,
  };
}
