import { DomainError, errorType, invalidValue, isTransient } from '../../domain/errors.ts';
import type { EntityKey } from '../../domain/event.ts';
import type { Moment } from '../../domain/projections/moment.ts';
import type { ProjectionLine } from '../../domain/projections/projection.ts';
import type {
  Job,
  ProjectionRow,
  ProjectionStore,
  ProjectionTx,
} from '../store/projections/projection-store.ts';
import { claim, released, unknownProjection, type Worker } from './claim.ts';
import type { Declared } from './declared.ts';
import { isWorkedOn } from './follow.ts';
import { type JobView, newJob, toBeCleared, viewJob } from './job.ts';
import { JobSteps } from './job-steps.ts';
import { newRow } from './ask-for-missing.ts';
import { fieldsOf, keyFieldsOf, readLines, shownDifference } from './read-lines.ts';
import { notMade, projectionExists, projectionWorking, staysAsItIs } from './refusals.ts';

/** How a projection stands, for people and programs. */
export interface ProjectionView {
  readonly name: string;
  readonly kind: ProjectionRow['kind'];
  /** What it is made of: the declaration behind it. */
  readonly base: string;
  readonly dataset: string;
  readonly version: number;
  /** `outdated`: made by another version of the program, so that this one does not go on with it. */
  readonly state: ProjectionRow['state'] | 'outdated';
  /** As far as this office's log is in it, and how much is not. */
  readonly position: number;
  readonly behind: number;
  /** Entities that cannot be entered, and the first of them. */
  readonly failures: number;
  readonly failing: readonly FailingView[];
  readonly updatedAt: string | null;
  /** Of a line, in order. */
  readonly fields: readonly string[];
  readonly job: JobView | null;
}

export interface FailingView {
  readonly office: string;
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
}

export interface JobOptions {
  /** Share of the time that it may work, above 0 and at most 1. */
  readonly maxLoad?: number;
}

export interface AsOfOptions extends JobOptions {
  /** What this office knew when its log stood there, or what was written until then (ISO 8601). */
  readonly asOf: { readonly position: number } | { readonly time: string };
  /** Name of the table that is made. */
  readonly into: string;
}

const SHOWN_FAILURES = 10;
const TABLE_NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const LONGEST_NAME = 40;
/** Sorts after every counter of a hybrid time. */
const END_OF_INSTANT = '/~';

/** What can be asked of projections; carried out by whichever process works on them. */
export class Projections {
  readonly #store: ProjectionStore;
  readonly #worker: Worker;
  readonly #wake: () => void;

  constructor(store: ProjectionStore, worker: Worker, wake: () => void) {
    this.#store = store;
    this.#worker = worker;
    this.#wake = wake;
  }

  async list(): Promise<ProjectionView[]> {
    const rows = await this.#store.rows();
    const present = await this.#store.present();
    return Promise.all(rows.map((row) => this.#view(row, present)));
  }

  /** @throws DomainError `unknown-projection` */
  async get(name: string): Promise<ProjectionView> {
    return this.#view(await this.#row(name), await this.#store.present());
  }

  /**
   * Makes a new table beside the old one, which serves meanwhile. Answers at once; `get` tells how it goes.
   * @throws DomainError `projection-in-use` when others have made what would not read the new one
   */
  async rebuild(name: string, options: JobOptions): Promise<ProjectionView> {
    const of = this.#worker.declared.of(await this.#row(name));
    if (of !== null) await this.#store.assertReplaceable(of.target(name));
    return this.#begin(name, 'rebuild', options);
  }

  /** Compares the table with what its events fold to. */
  async verify(name: string, options: JobOptions): Promise<ProjectionView> {
    return this.#begin(name, 'verify', options);
  }

  /** Makes a table that stays as it was at one moment. @throws DomainError `projection-exists`, `invalid-value` */
  async asOf(name: string, { asOf, into, maxLoad = 1 }: AsOfOptions): Promise<ProjectionView> {
    const { base } = await this.#row(name);
    const of = this.#worker.declared.of({ base });
    if (of === null) throw unknownProjection(name);
    await this.#assertFree(into);
    const { moment, until } = await this.#momentOf(asOf);
    const job = newJob({ kind: 'as-of', version: of.version, moment, until, maxLoad }, this.#worker.nowMs());
    const row: ProjectionRow = { ...newRow(of), name: into, kind: 'as-of', state: 'making', job };
    try {
      await this.#store.transaction((tx) => tx.insertRow(row));
    } catch (error) {
      if (!isTransient(error) && (await this.#store.row(into)) !== null) throw projectionExists(into);
      throw error;
    }
    this.#wake();
    return this.get(into);
  }

  /**
   * What was made so far goes; the old table serves on. Nothing happens when nothing is being done, or when the new table
   * goes already; one that has taken its place by then stays there.
   */
  async cancel(name: string): Promise<ProjectionView> {
    await this.#change(name, async (tx, row) => {
      if (isWorkedOn(row) && row.job!.phase !== 'clearing')
        await tx.saveRow({ ...row, job: { ...row.job!, isCancelled: true } });
    });
    return this.get(name);
  }

  /**
   * The table goes. A projection of the program can be rebuilt; one as of a moment is forgotten. It counts as dropped
   * before its table goes; who is killed in between leaves the rest of one as of a moment to whoever works on projections.
   * @throws DomainError `projection-working`, `projection-in-use`
   */
  async drop(name: string): Promise<{ readonly name: string; readonly dropped: boolean }> {
    const { kind } = await this.#row(name);
    if (kind === 'dataset')
      throw new DomainError(
        'not-allowed',
        `"${name}" is the table of the dataset itself: it cannot be dropped`,
        { projection: name },
      );
    const dropped = await this.#store.transaction(async (tx) => {
      const row = await claim(tx, name, this.#worker);
      if (isWorkedOn(row)) throw projectionWorking(row);
      await tx.clearFailures(name);
      const job = kind === 'as-of' ? toBeCleared(row.job!) : null;
      const marked: ProjectionRow = released({ ...row, state: 'dropped', failures: 0, job });
      await tx.saveRow(marked);
      return marked;
    });
    await (dropped.job === null ? this.#dropTable(name) : this.#forget(dropped, dropped.job));
    return { name, dropped: true };
  }

  async #dropTable(name: string): Promise<void> {
    await this.#store.sweep(name);
    await this.#store.changeTables(async (tx, tables) => {
      const { state } = await claim(tx, name, this.#worker);
      if (state === 'dropped') await tables.drop(name); // or it was made anew meanwhile
    });
  }

  async #forget(row: ProjectionRow, job: Job): Promise<void> {
    try {
      await new JobSteps(this.#store, this.#worker).clear({ row, job });
    } catch (error) {
      if (!isTransient(error) && errorType(error) !== 'projection-busy') throw error;
      this.#wake(); // it goes when nobody reads it any more
    }
    const problem = (await this.#store.row(row.name))?.job?.problem ?? null;
    if (problem !== null)
      throw new DomainError('projection-in-use', problem.detail, { projection: row.name });
  }

  /** See `readLines`. */
  async lines(name: string, after: readonly string[] | null, limit: number): Promise<ProjectionLine[]> {
    const row = await this.#row(name);
    return readLines(this.#store, { row, of: this.#worker.declared.of(row) }, after, limit);
  }

  /** The fields that make the key of a line. @throws DomainError `projection-not-made` for one of another program */
  async keyOf(name: string): Promise<string[]> {
    const row = await this.#row(name);
    const of = this.#worker.declared.of(row);
    if (of === null) throw notMade(row);
    return keyFieldsOf(of);
  }

  async #row(name: string): Promise<ProjectionRow> {
    const row = await this.#store.row(name);
    if (row === null) throw unknownProjection(name);
    return row;
  }

  async #begin(name: string, kind: Job['kind'], { maxLoad = 1 }: JobOptions): Promise<ProjectionView> {
    const moment = await this.#store.present();
    await this.#change(name, async (tx, row) => {
      if (row.kind === 'as-of') throw staysAsItIs(row);
      if (isWorkedOn(row)) throw projectionWorking(row);
      if (kind === 'verify' && (row.state !== 'live' || this.#worker.declared.isOutdated(row)))
        throw notMade(row);
      const of = this.#worker.declared.of(row);
      if (of === null) throw unknownProjection(name);
      const { version } = of;
      await tx.saveRow({ ...row, job: newJob({ kind, version, moment, maxLoad }, this.#worker.nowMs()) });
    });
    return this.get(name);
  }

  async #change(name: string, work: (tx: ProjectionTx, row: ProjectionRow) => Promise<void>): Promise<void> {
    await this.#store.transaction(async (tx) => {
      const row = await tx.lockRow(name);
      if (row === null) throw unknownProjection(name);
      await work(tx, row);
    });
    this.#wake();
  }

  async #assertFree(into: string): Promise<void> {
    if (!TABLE_NAME.test(into) || into.length > LONGEST_NAME)
      throw invalidValue(
        'into',
        `must be 1 to ${LONGEST_NAME} characters of a-z, 0-9 and single _, and begin with a letter`,
      );
    if ((await this.#store.row(into)) !== null || (await this.#store.hasTable(into)))
      throw projectionExists(into);
  }

  async #momentOf(asOf: AsOfOptions['asOf']): Promise<{ moment: Moment; until: string | null }> {
    const present = await this.#store.present();
    if ('time' in asOf) return { moment: present, until: new Date(asOf.time).toISOString() + END_OF_INSTANT };
    if (asOf.position > present.position)
      throw invalidValue(
        'position',
        `is beyond the end of this office's log, which stands at ${present.position}`,
      );
    return { moment: await this.#store.at(asOf.position), until: null };
  }

  async #view(row: ProjectionRow, present: Moment): Promise<ProjectionView> {
    const { declared } = this.#worker;
    const of = declared.of(row);
    const { name, kind, base, version, state, checkpoint, failures, updatedAtMs, job } = row;
    const isInline = kind === 'dataset';
    const shown = failures === 0 ? [] : await this.#store.failures(name, SHOWN_FAILURES);
    return {
      name,
      kind,
      base,
      dataset: of?.dataset.name ?? '',
      version,
      state: state === 'live' && declared.isOutdated(row) ? 'outdated' : state,
      position: isInline ? present.position : checkpoint.position,
      behind: isInline || kind === 'as-of' ? 0 : Math.max(0, present.position - checkpoint.position),
      failures,
      failing: shown.map((failure) => viewFailing(failure)),
      updatedAt: updatedAtMs === 0 ? null : new Date(updatedAtMs).toISOString(),
      fields: of === null ? [] : fieldsOf(of),
      job: job === null ? null : this.#viewJob(job, of),
    };
  }

  #viewJob(job: Job, of: Declared | null): JobView {
    const view = viewJob(job, this.#worker.nowMs());
    if (of === null) return view;
    const difference = job.difference === null ? null : shownDifference(of, job.difference);
    const isOfNewer = job.endedAtMs === null && job.version > of.version;
    return { ...view, difference, waitsFor: isOfNewer ? 'newer-program' : view.waitsFor };
  }
}

function viewFailing({
  scope,
  entityId,
  reason,
  detail,
}: EntityKey & { reason: string; detail: string }): FailingView {
  return { office: scope, id: entityId, reason, detail };
}
