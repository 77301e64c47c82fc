import { errorType, isTransient } from '../../domain/errors.ts';
import { type Moment, sameMoment } from '../../domain/projections/moment.ts';
import type {
  Job,
  ProjectionRow,
  ProjectionStore,
  ProjectionTx,
} from '../store/projections/projection-store.ts';
import { claim, released, type Worker } from './claim.ts';
import { differenceOfLines } from './compare.ts';
import { beside, declaredOf, isOutdated } from './declared.ts';
import { Filling } from './fill.ts';
import { ended, problemOf, sameProgress, tableOfJob } from './job.ts';
import { goneOn, isAhead, JobSteps, type StepOutcome, type Task } from './job-steps.ts';
import { notMade } from './refusals.ts';

/** Events and late changes that may be followed while the log is locked. */
const NEAR = 500;

/**
 * Carries jobs on, step by step: all there is to know about one is in its row, so that any process can go on where another
 * was killed. Every step is one transaction, which begins with the row and looks whether the job is still where the step
 * began.
 */
export class JobRunner {
  readonly #store: ProjectionStore;
  readonly #limit: () => number;
  readonly #steps: JobSteps;
  readonly #filling: Filling;

  constructor(store: ProjectionStore, worker: Worker, limit: () => number) {
    this.#store = store;
    this.#limit = limit;
    this.#steps = new JobSteps(store, worker);
    this.#filling = new Filling(this.#steps, limit);
  }

  get readMs(): number {
    return this.#steps.readMs;
  }

  get #worker(): Worker {
    return this.#steps.worker;
  }

  async step(row: ProjectionRow): Promise<StepOutcome> {
    const of = declaredOf(row);
    if (of === null || row.job === null) return 'waits';
    const task = { row, of, job: row.job };
    try {
      return await this.#step(task);
    } catch (error) {
      if (errorType(error) === 'projection-busy') return 'waits';
      if (isTransient(error)) throw error;
      return this.#steps.abandon(task, this.#steps.ended(task, 'failed', { problem: problemOf(error) }));
    }
  }

  async #step(task: Task): Promise<StepOutcome> {
    const { row, job, of } = task;
    if (job.isCancelled) {
      this.#filling.forget();
      return this.#steps.abandon(task, this.#steps.ended(task, 'cancelled'));
    }
    if (job.version !== of.version && !(await this.#isSwapped(task))) {
      this.#filling.forget();
      return job.version > of.version ? 'waits' : this.#steps.beginAnew(task);
    }
    if (job.kind === 'verify' && (row.state !== 'live' || isOutdated(row))) throw notMade(row); // it will never come to where the other is
    switch (job.phase) {
      case 'filling':
        return job.kind === 'verify' && of.kind === 'dataset'
          ? this.#filling.compare(task)
          : this.#filling.fill(task);
      case 'following':
        return this.#follow(task);
      case 'swapping':
        return this.#swap(task);
      default:
        return 'waits';
    }
  }

  /** While somebody sells, the end is never reached: what is near enough is done with the last step. */
  async #follow(task: Task): Promise<StepOutcome> {
    const { job } = task;
    const startedMs = performance.now();
    const to = await this.#goal(task);
    if (to === null) return 'waits';
    if (job.kind === 'rebuild' && to.position - job.at.position + to.lateNo - job.at.lateNo <= NEAR)
      return this.#swap(task);
    if (job.kind === 'verify' && sameMoment(to, job.at)) return this.#judge(task);
    const { prepared, count } = await this.#steps.between(task, to);
    const change = { at: to, ...this.#steps.worked(task, startedMs, count) };
    const outcome = await this.#steps.save(task, prepared, change);
    if (job.kind === 'rebuild') return outcome;
    // Before the other table moves on.
    return this.#judge({ ...task, job: { ...job, ...change, failures: job.failures + prepared.failures } });
  }

  /** A table that is to be compared follows to where the other one stands; null: that one is behind. */
  async #goal({ row, job }: Task): Promise<Moment | null> {
    const next = await this.#store.next(job.at, this.#limit());
    if (job.kind !== 'verify') return next;
    const { checkpoint } = (await this.#store.row(row.name)) ?? row;
    if (sameMoment(checkpoint, job.at)) return checkpoint;
    if (isAhead(job.at, checkpoint)) return null;
    return isAhead(checkpoint, next) ? next : checkpoint;
  }

  /**
   * The new table takes the place of the old one. Rows that are written with the log itself are complete only while nobody
   * writes it: their last steps are done then.
   */
  async #swap(task: Task): Promise<StepOutcome> {
    const { row, job, of } = task;
    const [fresh, away] = [tableOfJob(row, job), beside.away(row.name)];
    const isSwapped = await this.#isSwapped(task);
    await this.#store.dropTable(away);
    if (isSwapped) await this.#store.transaction((tx) => this.#swapped(tx, task));
    else {
      let last = task;
      await this.#store.swap(
        of.target(row.name),
        { from: fresh, away },
        {
          locksLog: of.kind === 'dataset',
          before: async (tx) => {
            last = { ...task, job: await this.#lastStep(tx, task) };
          },
          after: (tx) => this.#swapped(tx, last),
        },
      );
    }
    await this.#store.dropTable(away);
    return 'worked';
  }

  /** The tables have been exchanged: what is left to do does not fold anything. */
  async #isSwapped({ row, job }: Task): Promise<boolean> {
    return job.phase === 'swapping' && !(await this.#store.hasTable(tableOfJob(row, job)));
  }

  async #lastStep(tx: ProjectionTx, task: Task): Promise<Job> {
    const { job } = task;
    const to = await this.#store.present();
    const { prepared, count } = await this.#steps.between(task, to);
    const change = { at: to, eventsDone: job.eventsDone + count, phase: 'swapping' as const };
    if (!(await this.#steps.saveIn(tx, task, prepared, change))) throw goneOn(task);
    return { ...job, ...change, failures: job.failures + prepared.failures };
  }

  async #swapped(tx: ProjectionTx, task: Task): Promise<void> {
    const { row, job } = task;
    const now = await claim(tx, row.name, this.#worker);
    if (!sameProgress(now.job, job)) throw goneOn(task);
    await tx.clearFailures(row.name);
    await tx.renameFailures(tableOfJob(row, job), row.name);
    await tx.saveRow(
      released({
        ...now,
        state: 'live',
        version: job.version,
        checkpoint: job.at,
        failures: job.failures,
        job: ended(job, 'done', this.#worker.nowMs()),
      }),
    );
  }

  async #judge(task: Task): Promise<StepOutcome> {
    const { row, job, of } = task;
    const [table, made] = [of.target(row.name), of.target(tableOfJob(row, job))];
    if (table.kind !== 'lines' || made.kind !== 'lines') return 'waits';
    const difference = await differenceOfLines(this.#store, table, made);
    const { checkpoint } = (await this.#store.row(row.name)) ?? row;
    if (!sameMoment(checkpoint, job.at)) return 'worked'; // it went on meanwhile: once more
    await this.#steps.save(task, null, this.#steps.ended(task, 'done', { difference }));
    return this.#steps.dropMade(task);
  }
}
