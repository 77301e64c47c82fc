import { isTransient } from '../../domain/errors.ts';
import type { Journal } from '../../mixins/office.ts';
import { GROUP_MAX } from '../../mixins/ledger/group-commit.ts';
import { realTime, type Scheduler } from '../../mixins/sync/scheduler.ts';
import { type Bench, ruleAutomatically } from './rule-automatically.ts';

const SWEEP_PAGE = GROUP_MAX;
/** Rulings under way at a time: enough to fill a group commit. */
const AT_ONCE = GROUP_MAX;
const SWEEP_AGAIN_MS = 1_000;
const SWEEP_EVERY_MS = 60_000;

/**
 * Looks at cases that were opened or changed. It remembers nothing that the database does not: whatever it
 * misses while the database is away or the process is down, the next sweep finds.
 */
export class Resolver {
  readonly #office: Bench;
  readonly #journal: Journal;
  readonly #scheduler: Scheduler;
  #cancelSweep: () => void = () => {};
  #isSweeping = false;
  /** Something was missed, and the next sweep is to be soon. */
  #isHurried = false;
  #isStopped = false;

  constructor(office: Bench, journal: Journal, scheduler: Scheduler = realTime) {
    this.#office = office;
    this.#journal = journal;
    this.#scheduler = scheduler;
  }

  async look(caseIds: readonly string[]): Promise<void> {
    for (let from = 0; from < caseIds.length && !this.#isStopped; from += AT_ONCE)
      await this.#lookAt(caseIds.slice(from, from + AT_ONCE));
  }

  /** Looks at every open case, from now on every minute: of a case that was missed nobody might tell again. */
  async sweep(): Promise<void> {
    if (this.#isSweeping || this.#isStopped) return;
    this.#isSweeping = true;
    this.#isHurried = false;
    try {
      await this.#sweepAll();
    } catch (error) {
      this.#failed(error, 'the open conflicts');
    }
    this.#isSweeping = false;
    this.#sweepAfter(this.#isHurried ? SWEEP_AGAIN_MS : SWEEP_EVERY_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelSweep();
  }

  async #sweepAll(): Promise<void> {
    let after: string | undefined;
    do after = await this.#sweepPage(after);
    while (after !== undefined && !this.#isStopped);
  }

  async #sweepPage(after: string | undefined): Promise<string | undefined> {
    const query = { status: 'open', limit: SWEEP_PAGE, ...(after === undefined ? {} : { after }) } as const;
    const page = await this.#office.ledger().read.cases(query);
    await this.look(page.map(({ id }) => id));
    return page.length < SWEEP_PAGE ? undefined : page.at(-1)!.id;
  }

  async #lookAt(caseIds: readonly string[]): Promise<void> {
    try {
      for (const { caseId, error } of await ruleAutomatically(this.#office, caseIds))
        this.#failed(error, `conflict ${caseId}`);
    } catch (error) {
      this.#failed(error, caseIds.length === 1 ? `conflict ${caseIds[0]}` : `${caseIds.length} conflicts`);
    }
  }

  #failed(error: unknown, what: string): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (!isTransient(error)) this.#journal.error(`Cannot rule on ${what}: ${reason}`);
    else this.#hurry();
  }

  #hurry(): void {
    if (this.#isHurried) return;
    this.#isHurried = true;
    if (!this.#isSweeping) this.#sweepAfter(SWEEP_AGAIN_MS);
  }

  #sweepAfter(delayMs: number): void {
    this.#cancelSweep();
    if (!this.#isStopped) this.#cancelSweep = this.#scheduler.after(delayMs, () => void this.sweep());
  }
}
