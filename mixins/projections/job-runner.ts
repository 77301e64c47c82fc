import { errorType, isTransient } from '../../domain/errors.ts';
import { type Moment, sameMoment } from '../../domain/projections/moment.ts';
import type {
  Job,
  ProblemOfJob,
  ProjectionRow,
  ProjectionStore,
  ProjectionTx,
  SwapSteps,
} from '../store/projections/projection-store.ts';
import { claim, type Worker } from './claim.ts';
import { differenceOfLines } from './compare.ts';
import { Courtesy } from './courtesy.ts';
import { beside } from './declared.ts';
import { Filling } from './fill.ts';
import { isSameJob, problemOf, sameProgress, tableOfJob, withdrawnTable } from './job.ts';
import { goneOn, isAhead, JobSteps, type StepOutcome, type Task } from './job-steps.ts';
import { notMade } from './refusals.ts';

/** Events and late changes that may be followed while the log is locked. */
const NEAR = 500;
const LEFT_ALONE: ProblemOfJob = {
  type: 'exchange-interrupted',
  detail:
    'the process that exchanged its tables was ended in it, and none of the same version goes on; rebuild it again',
};

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
  readonly #courtesy = new Courtesy();

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
    const of = this.#worker.declared.of(row);
    if (of === null || row.job === null) return 'waits';
    const task = { row, of, job: row.job };
    try {
      const outcome = await this.#stepOrGiveUp(task);
      if (outcome === 'waits' || task.job.phase !== 'filling' || task.job.isCancelled)
        this.#filling.forget(task);
      return outcome;
    } catch (error) {
      this.#filling.forget(task);
      if (errorType(error) === 'busy') await this.#waitsForReaders(task);
      else if (errorType(error) !== 'projection-busy') throw error;
      return 'waits';
    }
  }

  /** Says so, once. */
  async #waitsForReaders({ row: { name }, job }: Task): Promise<void> {
    if (job.waitsFor === 'readers') return;
    await this.#store.transaction(async (tx) => {
      const now = await tx.lockRow(name);
      if (now?.job && sameProgress(now.job, job))
        await tx.saveRow({ ...now, job: { ...now.job, waitsFor: 'readers' } });
    });
  }

  async #stepOrGiveUp(task: Task): Promise<StepOutcome> {
    try {
      return await this.#step(task);
    } catch (error) {
      if (errorType(error) === 'projection-busy' || isTransient(error)) throw error;
      if (await this.#isOutgrown(task)) throw goneOn(task); // who knows how its dataset has changed makes it anew
      return this.#giveUp(task, problemOf(error));
    }
  }

  async #isOutgrown({ row, job, of }: Task): Promise<boolean> {
    const isOfRows = of.kind === 'dataset' && job.kind === 'rebuild';
    return isOfRows && this.#store.isOutgrown(row.name, tableOfJob(row, job));
  }

  async #giveUp(task: Task, problem: ProblemOfJob): Promise<StepOutcome> {
    const row = await this.#store.row(task.row.name);
    const job = row?.job ?? null;
    if (job?.phase !== 'swapping' || !isSameJob(job, task.job))
      return this.#steps.abandon(task, this.#steps.ended(task, 'failed', { problem }));
    const now = { ...task, row: row!, job };
    if (!(await this.#isSwapped(now))) return this.#steps.withdraw(now, problem);
    await this.#store.transaction((tx) => this.#swapped(tx, now, { problem }));
    return 'worked';
  }

  async #step(task: Task): Promise<StepOutcome> {
    const { row, job, of } = task;
    if (job.phase === 'clearing') return this.#steps.clear(task);
    if (await this.#isSwapped(task)) return this.#finishSwap(task);
    if (job.phase === 'swapping' && (await this.#isLeftAlone(task)))
      return this.#steps.withdraw(task, job.isCancelled ? null : LEFT_ALONE);
    if (job.isCancelled) {
      this.#courtesy.forget(tableOfJob(row, job));
      return this.#steps.abandon(task, this.#steps.ended(task, 'cancelled'));
    }
    if (job.version !== of.version) return job.version > of.version ? 'waits' : this.#steps.beginAnew(task);
    if (job.kind === 'verify' && (row.state !== 'live' || this.#worker.declared.isOutdated(row)))
      throw notMade(row); // it will never come to where the other is
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
      return this.#courtesy.isDue(tableOfJob(task.row, job)) ? this.#swap(task) : 'waits';
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
    await this.#store.dropTable(away);
    let last = task;
    const steps: SwapSteps = {
      locksLog: of.kind === 'dataset',
      before: async (tx) => {
        last = { ...task, job: await this.#lastStep(tx, task) };
      },
      hold: async (tx) => void (await this.#steps.hold(tx, last)),
      after: (tx) => this.#swapped(tx, last),
      gaveWay: (tx) => this.#gaveWay(tx, task),
    };
    const isDone = await this.#store.swap(of.target(row.name), { from: fresh, away }, steps);
    if (isDone) this.#courtesy.forget(fresh);
    else this.#courtesy.gaveWay(fresh);
    return isDone ? 'worked' : 'waits';
  }

  /** Whoever exchanged the tables was killed before the row said so. */
  async #isSwapped({ row, job }: Task): Promise<boolean> {
    if (job.phase !== 'swapping' || (await this.#store.hasTable(tableOfJob(row, job)))) return false;
    return !(await this.#store.hasTable(withdrawnTable(row, job)));
  }

  /** Nobody goes on with the exchange: the programs that could are gone, or it is not wanted any more. */
  async #isLeftAlone({ row, job, of }: Task): Promise<boolean> {
    if (job.isCancelled || job.version !== of.version) return true;
    return this.#store.hasTable(withdrawnTable(row, job));
  }

  async #lastStep(tx: ProjectionTx, task: Task): Promise<Job> {
    const { job } = task;
    const to = await this.#store.present();
    const { prepared, count } = await this.#steps.between(task, to);
    const change = { at: to, eventsDone: job.eventsDone + count, phase: 'swapping' as const };
    if (!(await this.#steps.saveIn(tx, task, prepared, change))) throw goneOn(task);
    return { ...job, ...change, failures: job.failures + prepared.failures };
  }

  /**
   * The tables are exchanged, and whoever did it was killed before the row said so. Rows may have been sold into the old
   * table after the last step, when the log was lost before the exchange: to enter them twice does no harm.
   */
  async #finishSwap(task: Task): Promise<StepOutcome> {
    await this.#store.transaction(async (tx) => {
      if (task.of.kind !== 'dataset') return this.#swapped(tx, task);
      await tx.lockLog();
      const to = await this.#store.present();
      const { prepared } = await this.#steps.between(task, to, task.row.name);
      await this.#steps.hold(tx, task);
      await prepared.write(tx, this.#worker.nowMs());
      const failures = task.job.failures + prepared.failures;
      return this.#swapped(tx, task, { at: to, failures });
    });
    return 'worked';
  }

  async #swapped(tx: ProjectionTx, task: Task, change: Partial<Job> = {}): Promise<void> {
    const { row } = task;
    const job = { ...task.job, ...change, isCancelled: false }; // too late
    const now = await this.#steps.hold(tx, task);
    await tx.clearFailures(row.name);
    await tx.renameFailures(tableOfJob(row, job), row.name);
    const { at: checkpoint, failures } = job;
    const rest: Job = { ...job, phase: 'clearing', waitsFor: null }; // the old table
    await tx.saveRow({ ...now, state: 'live', version: job.version, checkpoint, failures, job: rest });
  }

  /** The old table serves on, and both follow until it is tried again. */
  async #gaveWay(tx: ProjectionTx, { row, job }: Task): Promise<void> {
    const now = await claim(tx, row.name, this.#worker);
    if (now.job === null || !isSameJob(now.job, job) || now.job.phase === 'clearing') return;
    await tx.saveRow({ ...now, job: { ...now.job, phase: 'following', waitsFor: 'readers' } });
  }

  async #judge(task: Task): Promise<StepOutcome> {
    const { row, job, of } = task;
    const [table, made] = [of.target(row.name), of.target(tableOfJob(row, job))];
    if (table.kind !== 'lines' || made.kind !== 'lines') return 'waits';
    const difference = await differenceOfLines(this.#store, table, made);
    const { checkpoint } = (await this.#store.row(row.name)) ?? row;
    if (!sameMoment(checkpoint, job.at)) return 'worked'; // it went on meanwhile: once more
    return this.#steps.abandon(task, this.#steps.ended(task, 'done', { difference }));
  }
}
