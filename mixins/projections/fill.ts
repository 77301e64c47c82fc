import type { EntityPage } from '../store/projections/known-events.ts';
import type { Job } from '../store/projections/projection-store.ts';
import { compareEntities, EVER } from './compare.ts';
import { tableOfJob } from './job.ts';
import type { JobSteps, StepOutcome, Task } from './job-steps.ts';
import { pairsOf } from './pairs.ts';
import { prepare } from './write-pairs.ts';

/** For each event of a page: nearly always each row has one at least. */
const MOST_ROWS = 2;

interface Reading {
  /** Of the job: another one of the same name has another moment. */
  readonly name: string;
  readonly startedAtMs: number;
  readonly scope: string;
  readonly after: string;
  readonly page: Promise<EntityPage>;
}

/** Goes through all entities in the order of their keys, a page at a time, as they were known at the job's moment. */
export class Filling {
  readonly #steps: JobSteps;
  readonly #limit: () => number;
  /** The next page is read while one is folded. */
  #ahead: Reading | null = null;

  constructor(steps: JobSteps, limit: () => number) {
    this.#steps = steps;
    this.#limit = limit;
  }

  /** Nobody waits for it any more. */
  forget(task: Task): void {
    if (this.#isAhead(task)) this.#ahead = null;
  }

  async fill(task: Task): Promise<StepOutcome> {
    const { row, job, of } = task;
    if (job.scope === '') await this.#begin(task);
    const scope = await this.#scopeOf(task);
    if (scope === null) return this.#steps.save(task, null, this.#afterFill(task));
    const startedMs = performance.now();
    const page = await this.#read(task, scope);
    const target = of.target(tableOfJob(row, job));
    const pairs = await pairsOf(of.dataset, page.histories, null, job.moment, job.until);
    const options = { failuresOf: target.table, hasFailures: false, isFresh: true };
    const prepared = await prepare(this.#steps.store, target, pairs, options);
    const next = await this.#placeAfter(task, page, scope);
    return this.#steps.save(task, prepared, {
      ...(next ?? this.#afterFill(task)),
      ...this.#steps.worked(task, startedMs, page.count),
    });
  }

  /** Rows that are written with the log are compared as they are now. */
  async compare(task: Task): Promise<StepOutcome> {
    const { row, job, of } = task;
    const target = of.target(row.name);
    const scope = await this.#scopeOf(task);
    if (scope === null || target.kind !== 'rows')
      return this.#steps.save(task, null, this.#steps.ended(task, 'done'));
    const startedMs = performance.now();
    const page = await this.#read(task, scope);
    const { store } = this.#steps;
    const compared = { scope, after: job.entityId, page, mostRows: this.#limit() * MOST_ROWS };
    const { difference, reached } = await compareEntities(store, target, compared);
    const next = difference === null ? await this.#placeAfter(task, page, scope, reached) : null;
    if (next === null) this.forget(task);
    return this.#steps.save(task, null, {
      ...(next ?? this.#steps.ended(task, 'done', { difference })),
      ...this.#steps.worked(task, startedMs, reached === null ? page.count : 0),
    });
  }

  /** The table may be there from a start that came to nothing; there is nothing in it then. */
  async #begin(task: Task): Promise<void> {
    const { row, job, of } = task;
    await this.#steps.store.changeTables(async (tx, tables) => {
      const now = await this.#steps.hold(tx, task);
      await tables.make(of.target(tableOfJob(row, job)));
      await tx.saveRow(now);
    });
  }

  async #scopeOf(task: Task): Promise<string | null> {
    const { scope } = task.job;
    return scope === '' ? this.#scopeAfter(task, '') : scope;
  }

  /** A row that is compared may be of a scope that has no events. */
  async #scopeAfter({ row, job, of }: Task, scope: string): Promise<string | null> {
    const { store } = this.#steps;
    const target = of.target(row.name);
    const stored = job.kind === 'verify' && target.kind === 'rows' ? await store.storedScopes(target) : [];
    const all = [...(await store.scopes(of.dataset.name)), ...stored].sort((a, b) => (a < b ? -1 : 1));
    return all.find((one) => one > scope) ?? null;
  }

  async #placeAfter(
    task: Task,
    { next }: EntityPage,
    scope: string,
    reached: string | null = null,
  ): Promise<Partial<Job> | null> {
    const entityId = reached ?? next;
    if (entityId !== null) return { scope, entityId };
    const following = await this.#scopeAfter(task, scope);
    return following === null ? null : { scope: following, entityId: '' };
  }

  #isAhead({ row, job }: Task): boolean {
    return this.#ahead?.name === row.name && this.#ahead.startedAtMs === job.startedAtMs;
  }

  async #read(task: Task, scope: string): Promise<EntityPage> {
    const { row, job, of } = task;
    const isLive = job.kind === 'verify' && of.kind === 'dataset';
    const moment = isLive ? EVER : job.moment;
    const read = (after: string): Promise<EntityPage> =>
      this.#steps.store.page({ dataset: of.dataset.name, scope }, after, moment, this.#limit());
    const ahead = this.#ahead;
    const isIt = this.#isAhead(task) && ahead?.scope === scope && ahead.after === job.entityId;
    const page = await (isIt ? ahead.page : read(job.entityId));
    this.#ahead = null;
    if (page.next === null) return page;
    const next = read(page.next);
    next.catch(() => {}); // seen when it is asked for
    const { name } = row;
    this.#ahead = { name, startedAtMs: job.startedAtMs, scope, after: page.next, page: next };
    return page;
  }

  #afterFill(task: Task): Partial<Job> {
    const { kind, moment } = task.job;
    return kind === 'as-of' ? this.#steps.ended(task, 'done') : { phase: 'following', at: moment };
  }
}
