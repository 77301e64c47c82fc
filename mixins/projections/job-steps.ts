import { DomainError, errorType, isTransient } from '../../domain/errors.ts';
import { type Moment, sameMoment } from '../../domain/projections/moment.ts';
import type {
  Job,
  ProblemOfJob,
  ProjectionRow,
  ProjectionStore,
  ProjectionTx,
} from '../store/projections/projection-store.ts';
import { claim, released, type Worker } from './claim.ts';
import { beside, type Declared } from './declared.ts';
import { ended, isSameJob, newJob, problemOf, sameProgress, tableOfJob, withdrawnTable } from './job.ts';
import { pairsOf } from './pairs.ts';
import { type Prepared, prepare } from './write-pairs.ts';

/** One step of a job is done; `waits`: it cannot go on before something else has. */
export type StepOutcome = 'worked' | 'waits';

/** What a step works on: the row and the job as they were when it began. */
export interface Task {
  readonly row: ProjectionRow;
  readonly job: Job;
  readonly of: Declared;
}

/** What the steps of a job have in common. */
export class JobSteps {
  readonly store: ProjectionStore;
  readonly worker: Worker;
  /** Spent on reading and folding in the last step; to write may mean to wait for others. */
  readMs = 0;

  constructor(store: ProjectionStore, worker: Worker) {
    this.store = store;
    this.worker = worker;
  }

  ended(task: Task, phase: 'done' | 'failed' | 'cancelled', found: Parameters<typeof ended>[3] = {}): Job {
    return ended(task.job, phase, this.worker.nowMs(), found);
  }

  /** What has to be written to take the job's table from where it stands to another moment, under whatever name. */
  async between(
    { row, job, of }: Task,
    to: Moment,
    table = tableOfJob(row, job),
  ): Promise<{ prepared: Prepared; count: number }> {
    const { histories, count } = await this.store.follow(of.dataset.name, job.at, to);
    const pairs = await pairsOf(of.dataset, histories, job.at, to, job.until);
    const options = { failuresOf: tableOfJob(row, job), hasFailures: job.failures > 0, isFresh: false };
    return { prepared: await prepare(this.store, of.target(table), pairs, options), count };
  }

  /** Of work that began at `startedMs`. */
  worked({ job }: Task, startedMs: number, count: number): Partial<Job> {
    this.readMs = performance.now() - startedMs;
    return { eventsDone: job.eventsDone + count };
  }

  async save(task: Task, prepared: Prepared | null, change: Partial<Job>): Promise<StepOutcome> {
    await this.store.transaction((tx) => this.saveIn(tx, task, prepared, change));
    return 'worked';
  }

  /** false, and nothing is written, when the job has gone on meanwhile, or away. */
  async saveIn(
    tx: ProjectionTx,
    { row, job }: Task,
    prepared: Prepared | null,
    change: Partial<Job>,
  ): Promise<boolean> {
    const now = await claim(tx, row.name, this.worker);
    if (!sameProgress(now.job, job)) return false;
    await prepared?.write(tx, this.worker.nowMs());
    const failures = job.failures + (prepared?.failures ?? 0);
    const isHeldUp = job.phase !== 'filling' && job.waitsFor === 'readers';
    const moved: Job = { ...job, waitsFor: isHeldUp ? 'readers' : null, ...change, failures };
    await tx.saveRow(rowAfter({ ...now, job: moved }, moved));
    return true;
  }

  /** This program folds otherwise than the one that began: what was made so far is of no use. */
  async beginAnew(task: Task): Promise<StepOutcome> {
    const { row, job, of } = task;
    await this.store.changeTables(async (tx, tables) => {
      const now = await this.hold(tx, task);
      await tables.drop(tableOfJob(row, job));
      await tx.clearFailures(tableOfJob(row, job));
      await tx.saveRow({ ...now, job: newJob({ ...job, version: of.version }, this.worker.nowMs()) });
    });
    return 'worked';
  }

  /** Takes the row until the commit. @throws DomainError `projection-busy` when the job has gone on meanwhile, or away */
  async hold(tx: ProjectionTx, task: Pick<Task, 'row' | 'job'>): Promise<ProjectionRow> {
    const now = await claim(tx, task.row.name, this.worker);
    if (!sameProgress(now.job, task.job)) throw goneOn(task);
    return now;
  }

  /** The job comes to its end without a table: who is killed before that is gone leaves word that it has to go. */
  async abandon(task: Task, { phase, problem, difference }: Job): Promise<StepOutcome> {
    const isIt = phase === 'done' ? sameProgress : isSameJob; // a step that failed has not gone on
    const cleared = await this.store.transaction(async (tx) => {
      const now = await claim(tx, task.row.name, this.worker);
      const isTooLate = now.job?.phase === 'swapping' || now.job?.phase === 'clearing';
      if (now.job === null || isTooLate || !isIt(now.job, task.job)) throw goneOn(task);
      const job: Job = { ...now.job, phase: 'clearing', problem, difference };
      await tx.saveRow({ ...now, job });
      return job;
    });
    return this.clear({ ...task, job: cleared });
  }

  /**
   * Takes a job back from the exchange of tables in which somebody was killed. The exchange may be on its way at the
   * server still: it finds the new table gone, or has come first, and cannot be taken back.
   * @param problem null when it was cancelled
   */
  async withdraw(task: Task, problem: ProblemOfJob | null): Promise<StepOutcome> {
    const { row, job } = task;
    const away = withdrawnTable(row, job);
    const wasTaken = await this.store.hasTable(away); // whoever did that was killed as well
    const cleared = await this.store.changeTables(async (tx, tables) => {
      const now = await this.hold(tx, task);
      const isTaken = await tables.rename(tableOfJob(row, job), away);
      if (!isTaken && !wasTaken) throw goneOn(task);
      const left: Job = {
        ...job,
        phase: 'clearing',
        isCancelled: problem === null,
        problem,
        difference: null,
      };
      await tx.saveRow({ ...now, job: left });
      return left;
    });
    return this.clear({ ...task, job: cleared });
  }

  /** Throws away what is not needed, and ends the job. */
  async clear(task: Pick<Task, 'row' | 'job'>): Promise<StepOutcome> {
    const { row, job } = task;
    const table = tableOfJob(row, job);
    const unneeded =
      job.kind === 'rebuild' ? [table, beside.away(row.name), withdrawnTable(row, job)] : [table];
    try {
      for (const one of unneeded) await this.store.sweep(one);
      await this.store.changeTables(async (tx, tables) => {
        const now = await this.hold(tx, task);
        for (const one of unneeded) await tables.drop(one);
        await tx.clearFailures(table);
        await this.#end(tx, now, job);
      });
    } catch (error) {
      if (errorType(error) === 'unknown-projection') return 'worked'; // somebody else has done it
      if (isTransient(error) || errorType(error) === 'projection-busy') throw error;
      // Somebody's view stands on it, say, or a trigger of theirs forbids it. It stays: what the job was for is done, or is not, all the same.
      const problem = row.kind === 'as-of' ? problemOf(error) : job.problem;
      await this.store.transaction(async (tx) =>
        this.#end(tx, await this.hold(tx, task), { ...job, problem }),
      );
    }
    return 'worked';
  }

  async #end(tx: ProjectionTx, now: ProjectionRow, job: Job): Promise<void> {
    const end = job.isCancelled ? 'cancelled' : 'done';
    const phase = job.problem === null ? end : 'failed';
    if (now.kind === 'as-of' && phase === 'cancelled') await tx.removeRow(now.name);
    else await tx.saveRow(released({ ...now, job: ended(job, phase, this.worker.nowMs()) }));
  }
}

function rowAfter(row: ProjectionRow, job: Job): ProjectionRow {
  if (job.endedAtMs === null) return row;
  if (job.kind !== 'as-of') return released(row);
  const { version, moment, failures } = job;
  return released({ ...row, state: 'live', version, checkpoint: moment, failures });
}

/** Somebody else has gone on with it. */
export function goneOn({ row: { name } }: Pick<Task, 'row'>): DomainError {
  return new DomainError('projection-busy', `Somebody else has gone on with "${name}"`, { projection: name });
}

export function isAhead(a: Moment, b: Moment): boolean {
  return !sameMoment(a, b) && (a.position > b.position || a.lateNo > b.lateNo);
}
