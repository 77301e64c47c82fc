import { DomainError } from '../../domain/errors.ts';
import { type Moment, sameMoment } from '../../domain/projections/moment.ts';
import type {
  Job,
  ProjectionRow,
  ProjectionStore,
  ProjectionTx,
} from '../store/projections/projection-store.ts';
import { claim, released, type Worker } from './claim.ts';
import { type Declared } from './declared.ts';
import { ended, newJob, sameProgress, tableOfJob } from './job.ts';
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

  /** What has to be written to take the job's table from where it stands to another moment. */
  async between({ row, job, of }: Task, to: Moment): Promise<{ prepared: Prepared; count: number }> {
    const { histories, count } = await this.store.follow(of.dataset.name, job.at, to);
    const pairs = await pairsOf(of.dataset, histories, job.at, to, job.until);
    const target = of.target(tableOfJob(row, job));
    const options = { failuresOf: target.table, hasFailures: job.failures > 0, isFresh: false };
    return { prepared: await prepare(this.store, target, pairs, options), count };
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
    const moved: Job = { ...job, ...change, failures: job.failures + (prepared?.failures ?? 0) };
    await tx.saveRow(rowAfter({ ...now, job: moved }, moved));
    return true;
  }

  /** This program folds otherwise than the one that began: what was made so far is of no use. */
  async beginAnew({ row, job, of }: Task): Promise<StepOutcome> {
    await this.store.transaction(async (tx) => {
      const now = await claim(tx, row.name, this.worker);
      if (!sameProgress(now.job, job)) return;
      await tx.saveRow({ ...now, job: newJob({ ...job, version: of.version }, this.worker.nowMs()) });
    });
    return 'worked';
  }

  /** The job comes to its end without a table. */
  async abandon(task: Task, job: Job): Promise<StepOutcome> {
    const { name, kind } = task.row;
    await this.store.transaction(async (tx) => {
      const now = await claim(tx, name, this.worker);
      if (kind === 'as-of' && job.phase === 'cancelled') await tx.removeRow(name);
      else await tx.saveRow(released({ ...now, job }));
    });
    return this.dropMade(task);
  }

  async dropMade({ row, job }: Task): Promise<StepOutcome> {
    const table = tableOfJob(row, job);
    await this.store.dropTable(table);
    await this.store.transaction((tx) => tx.clearFailures(table));
    return 'worked';
  }
}

function rowAfter(row: ProjectionRow, job: Job): ProjectionRow {
  if (job.endedAtMs === null) return row;
  if (job.kind !== 'as-of') return released(row);
  const { version, moment, failures } = job;
  return released({ ...row, state: 'live', version, checkpoint: moment, failures });
}

/** Somebody else has gone on with it. */
export function goneOn({ row: { name } }: Task): DomainError {
  return new DomainError('projection-busy', `Somebody else has gone on with "${name}"`, { projection: name });
}

export function isAhead(a: Moment, b: Moment): boolean {
  return !sameMoment(a, b) && (a.position > b.position || a.lateNo > b.lateNo);
}
