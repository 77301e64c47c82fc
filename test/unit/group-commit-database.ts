import { setImmediate as nextTurn } from 'node:timers/promises';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import { DomainError, errorType } from '../../domain/errors.ts';
import type { AppendOutcome, AppendPlan, Submission } from '../../domain/office/append.ts';
import { GroupCommit } from '../../mixins/ledger/group-commit.ts';
import { realTime } from '../../mixins/sync/scheduler.ts';

export const failure = (type: string) => new DomainError(type, type);
export const submission = (eventId: string): Submission => ({
  eventId,
  actor: 'anna',
  command: {} as Submission['command'],
});

/** A database that appends when it is told to, as it is told to. */
export class Database {
  readonly groups: { ids: string[]; again: boolean }[] = [];
  readonly committed: string[][] = [];
  readonly timers: { delayMs: number; task: () => void }[] = [];
  readonly commits: GroupCommit;
  #open = 0;
  #gate: Promise<void> | null = null;
  #failures: unknown[] = [];
  #bad = new Set<string>();

  constructor() {
    this.commits = new GroupCommit({
      append: (group, again) => this.#append(group, again),
      onCommitted: (plan) => this.committed.push(plan.outcomes.map((_, index) => String(index))),
      scheduler: {
        nextTurn: realTime.nextTurn,
        after: (delayMs, task) => {
          this.timers.push({ delayMs, task });
          return () =>
            this.timers.splice(
              this.timers.findIndex((timer) => timer.task === task),
              1,
            );
        },
      },
    });
  }

  /** Holds transactions open until the returned function is called. */
  stall(): () => void {
    let go!: () => void;
    this.#gate = new Promise((done) => (go = done));
    return () => {
      this.#gate = null;
      go();
    };
  }

  fails(...failures: unknown[]): this {
    this.#failures.push(...failures);
    return this;
  }

  /** A submission that no transaction survives. */
  cannotHold(id: string): this {
    this.#bad.add(id);
    return this;
  }

  submit(...ids: string[]): Promise<AppendOutcome>[] {
    return ids.map((id) => this.commits.submit(submission(id)));
  }

  async #append(group: readonly Submission[], again: boolean): Promise<AppendPlan> {
    expect(++this.#open).toBe(1); // one transaction at a time
    this.groups.push({ ids: group.map(({ eventId }) => eventId), again });
    await this.#gate;
    this.#open -= 1;
    if (this.#failures.length > 0) throw this.#failures.shift();
    if (group.some(({ eventId }) => this.#bad.has(eventId))) throw new Error('too long for the column');
    const outcomes = group.map(({ eventId }): AppendOutcome =>
      eventId.startsWith('refused')
        ? { ok: false, error: failure('invalid-input') }
        : { ok: true, logged: null, replayed: again, state: null },
    );
    return {
      tail: START_OF_CHAIN,
      position: 0,
      at: '',
      events: [],
      outcomes,
      changes: [],
      cases: [],
      digests: [],
    };
  }

  ids(): string[][] {
    return this.groups.map(({ ids }) => ids);
  }

  async fireTimers(): Promise<void> {
    this.timers.splice(0).forEach(({ task }) => task());
    await nextTurn();
  }
}

export const told = (outcome: AppendOutcome) => (outcome.ok ? 'ok' : errorType(outcome.error));
export const all = async (outcomes: Promise<AppendOutcome>[]) => (await Promise.all(outcomes)).map(told);
