import { errorType, isTransient } from '../../domain/errors.ts';
import { type Moment, sameMoment } from '../../domain/projections/moment.ts';
import type {
  ProblemOfJob,
  ProjectionRow,
  ProjectionStore,
  ProjectionTx,
} from '../store/projections/projection-store.ts';
import { claim, released, type Worker } from './claim.ts';
import { failedFollowing, problemOf } from './job.ts';
import { pairsOf } from './pairs.ts';
import { type Prepared, prepare } from './write-pairs.ts';

export interface FollowOutcome {
  /** Whether anything was done. */
  readonly worked: boolean;
  /** Spent on reading and folding; to write may mean to wait for others. */
  readonly readMs: number;
  /** Those that another process works on. */
  readonly busy: readonly string[];
  /** Those that cannot go on, and why. */
  readonly damaged: readonly Damage[];
}

export interface Damage {
  readonly name: string;
  readonly problem: ProblemOfJob;
}

const NOTHING: FollowOutcome = { worked: false, readMs: 0, busy: [], damaged: [] };

/**
 * One step of all projections that follow: those that stand furthest behind come first, with all that stand at the same
 * moment. What they add up is read and folded once for all of them, and each is written with its checkpoint in one
 * transaction. One that cannot be written is damaged, and holds up none of the others.
 */
export async function followOnce(
  store: ProjectionStore,
  rows: readonly ProjectionRow[],
  worker: Worker,
  limit: number,
): Promise<FollowOutcome> {
  const following = rows.filter(
    (row) =>
      row.kind === 'projection' &&
      row.state === 'live' &&
      row.version === worker.declared.of(row)?.version &&
      !isBeingSwapped(row),
  );
  const now = following.length === 0 ? null : await store.present();
  const behind = following.filter(({ checkpoint }) => !sameMoment(checkpoint, now!));
  const [last] = behind.sort((a, b) => compareMoments(a.checkpoint, b.checkpoint));
  if (last === undefined) return NOTHING;
  const datasetOf = (row: ProjectionRow) => worker.declared.of(row)?.dataset.name;
  const group = behind.filter(
    (row) => sameMoment(row.checkpoint, last.checkpoint) && datasetOf(row) === datasetOf(last),
  );
  return followTogether(store, group, worker, limit);
}

function compareMoments(a: Moment, b: Moment): number {
  return a.position - b.position || a.lateNo - b.lateNo;
}

async function followTogether(
  store: ProjectionStore,
  group: readonly ProjectionRow[],
  worker: Worker,
  limit: number,
): Promise<FollowOutcome> {
  const from = group[0]!.checkpoint;
  const { declared } = worker;
  const of = declared.of(group[0]!);
  if (of === null) return NOTHING;
  const startedMs = performance.now();
  const to = await store.next(from, limit);
  const { histories } = await store.follow(of.dataset.name, from, to);
  const pairs = await pairsOf(of.dataset, histories, from, to);
  const isLast = sameMoment(to, await store.present());
  const steps: Step[] = [];
  for (const row of [...group].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const options = { failuresOf: row.name, hasFailures: row.failures > 0, isFresh: false };
    steps.push({ row, prepared: await prepare(store, declared.of(row)!.target(row.name), pairs, options) });
  }
  const readMs = performance.now() - startedMs;
  const done = await writeTogether(store, steps, worker, { to, isLast });
  return { ...done, readMs, worked: done.busy.length < group.length };
}

interface Step {
  readonly row: ProjectionRow;
  readonly prepared: Prepared;
}

interface Reached {
  readonly to: Moment;
  /** There is nothing more to follow. */
  readonly isLast: boolean;
}

type Written = Pick<FollowOutcome, 'busy' | 'damaged'>;

async function writeTogether(
  store: ProjectionStore,
  steps: readonly Step[],
  worker: Worker,
  reached: Reached,
): Promise<Written> {
  try {
    return await store.transaction((tx) => writeSteps(tx, steps, worker, reached));
  } catch (error) {
    if (isTransient(error)) throw error;
    return writeApart(store, steps, worker, reached);
  }
}

async function writeSteps(
  tx: ProjectionTx,
  steps: readonly Step[],
  worker: Worker,
  reached: Reached,
): Promise<Written> {
  const busy: string[] = [];
  for (const step of steps) {
    try {
      await writeStep(tx, step, worker, reached);
    } catch (error) {
      if (errorType(error) !== 'projection-busy') throw error;
      busy.push(step.row.name); // found before it is written
    }
  }
  return { busy, damaged: [] };
}

/** Each by itself, after all of them together could not be written: so it is seen which one it is. */
async function writeApart(
  store: ProjectionStore,
  steps: readonly Step[],
  worker: Worker,
  reached: Reached,
): Promise<Written> {
  const busy: string[] = [];
  const damaged: Damage[] = [];
  for (const step of steps) {
    try {
      const damage = await writeAlone(store, step, worker, reached);
      if (damage !== null) damaged.push(damage);
    } catch (error) {
      if (errorType(error) !== 'projection-busy') throw error;
      busy.push(step.row.name);
    }
  }
  return { busy, damaged };
}

async function writeAlone(
  store: ProjectionStore,
  step: Step,
  worker: Worker,
  reached: Reached,
): Promise<Damage | null> {
  try {
    await store.transaction((tx) => writeStep(tx, step, worker, reached));
    return null;
  } catch (error) {
    if (isTransient(error) || errorType(error) === 'projection-busy') throw error;
    const problem = problemOf(error);
    const isMarked = await store.transaction((tx) => markDamaged(tx, step, worker, problem));
    return isMarked ? { name: step.row.name, problem } : null;
  }
}

/** It does not follow until it is made anew; a rebuild that is under way goes on. false: somebody else came first. */
async function markDamaged(
  tx: ProjectionTx,
  { row: { name, checkpoint } }: Step,
  worker: Worker,
  problem: ProblemOfJob,
): Promise<boolean> {
  const row = await claim(tx, name, worker);
  if (row.state !== 'live' || !sameMoment(row.checkpoint, checkpoint)) return false;
  const isGoingOn = isWorkedOn(row);
  const job = isGoingOn ? row.job : failedFollowing(row, problem, worker.nowMs());
  const marked: ProjectionRow = { ...row, state: 'damaged', job };
  await tx.saveRow(isGoingOn ? marked : released(marked));
  return true;
}

async function writeStep(
  tx: ProjectionTx,
  { row: { name, checkpoint }, prepared }: Step,
  worker: Worker,
  { to, isLast }: Reached,
): Promise<void> {
  const row = await claim(tx, name, worker);
  if (row.state !== 'live' || isBeingSwapped(row)) return;
  if (!sameMoment(row.checkpoint, checkpoint)) return; // somebody else went on from there
  await prepared.write(tx, worker.nowMs());
  const moved = { ...row, checkpoint: to, failures: row.failures + prepared.failures };
  // A program of another version may wait for its turn at a job.
  const goesOn = isWorkedOn(row) && row.job?.version === row.version;
  await tx.saveRow(isLast && !goesOn ? released(moved) : moved);
}

/** Whether something else is being done with it: that goes on with the turn that this process has at it. */
export function isWorkedOn({ job }: Pick<ProjectionRow, 'job'>): boolean {
  return job !== null && job.endedAtMs === null;
}

/** Its new table may be in its place already, while the row does not say so: whoever finds it finishes that first. */
function isBeingSwapped(row: ProjectionRow): boolean {
  return isWorkedOn(row) && row.job?.phase === 'swapping';
}
