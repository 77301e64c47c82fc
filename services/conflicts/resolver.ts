import { isTransient } from '../../domain/errors.ts';
import type { Journal, Office } from '../../mixins/office.ts';
import { ruleAutomatically } from './rule-automatically.ts';

const SWEEP_PAGE = 200;
/** Rulings under way at a time: enough to fill a group commit. */
const AT_ONCE = 50;
const SWEEP_AGAIN_MS = 1_000;

/**
 * Looks at cases that were opened or changed. It remembers nothing that the database does not: whatever it
 * misses while the database is away or the process is down, the next sweep finds.
 */
export class Resolver {
  readonly #office: Office;
  readonly #journal: Journal;
  #sweepTimer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(office: Office, journal: Journal) {
    this.#office = office;
    this.#journal = journal;
  }

  async look(caseIds: readonly string[]): Promise<void> {
    for (let from = 0; from < caseIds.length && !this.#isStopped; from += AT_ONCE) {
      await Promise.all(caseIds.slice(from, from + AT_ONCE).map((id) => this.#lookAt(id)));
    }
  }

  /** Looks at every open case. */
  async sweep(): Promise<void> {
    try {
      let after: string | undefined;
      do after = await this.#sweepPage(after);
      while (after !== undefined && !this.#isStopped);
    } catch (error) {
      this.#failed(error, 'the open conflicts');
    }
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#sweepTimer !== null) clearTimeout(this.#sweepTimer);
  }

  async #sweepPage(after: string | undefined): Promise<string | undefined> {
    const query = { status: 'open', limit: SWEEP_PAGE, ...(after === undefined ? {} : { after }) } as const;
    const page = await this.#office.ledger().read.cases(query);
    await this.look(page.map(({ id }) => id));
    return page.length < SWEEP_PAGE ? undefined : page.at(-1)!.id;
  }

  async #lookAt(caseId: string): Promise<void> {
    try {
      await ruleAutomatically(this.#office, caseId);
    } catch (error) {
      this.#failed(error, `conflict ${caseId}`);
    }
  }

  #failed(error: unknown, what: string): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (!isTransient(error)) this.#journal.error(`Cannot rule on ${what}: ${reason}`);
    else if (!this.#isStopped) this.#sweepTimer ??= setTimeout(() => this.#sweepAgain(), SWEEP_AGAIN_MS);
  }

  #sweepAgain(): void {
    this.#sweepTimer = null;
    void this.sweep();
  }
}
