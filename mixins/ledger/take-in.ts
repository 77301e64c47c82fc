import type { Scheduler } from '../sync/scheduler.ts';
import { judgeKnownNow } from './judge-known-now.ts';
import type { Ledger } from './ledger.ts';
import type { DatasetNamed } from './write-plan.ts';

const AGAIN_MS = 5_000;

/** Takes in what waits only because this office did not know it before; one run after the other. */
export class TakeIn {
  readonly #ledger: Pick<Ledger, 'read' | 'judgeAgain'>;
  readonly #datasetNamed: DatasetNamed;
  readonly #scheduler: Scheduler;
  #isClosed = false;
  #running: Promise<number> = Promise.resolve(0);
  /** Of what waits up to here, this process has taken in what it knows. */
  #lookedTo = 0;
  /** Of those that wait to try again: each ends its pause. */
  readonly #pauses = new Set<() => void>();

  constructor(ledger: Pick<Ledger, 'read' | 'judgeAgain'>, datasetNamed: DatasetNamed, scheduler: Scheduler) {
    this.#ledger = ledger;
    this.#datasetNamed = datasetNamed;
    this.#scheduler = scheduler;
  }

  get lookedTo(): number {
    return this.#lookedTo;
  }

  /** Answers how many events came in. */
  all(): Promise<number> {
    return this.#run(() => 0);
  }

  /** Of what came to wait since the last run. */
  newest(): Promise<number> {
    return this.#run(() => this.#lookedTo);
  }

  async untilDone(tellFailure: (error: unknown) => void): Promise<number> {
    for (;;)
      try {
        return await this.all();
      } catch (error) {
        if (this.#isClosed) return 0;
        tellFailure(error);
        await this.#pause();
      }
  }

  /** A run that is under way ends with the event that it is at. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const end of this.#pauses) end();
    await this.#running;
  }

  #run(from: () => number): Promise<number> {
    const taken = this.#running.then(async () => {
      if (this.#isClosed) return 0;
      const { position } = await this.#ledger.read.logRow(); // before it looks: what comes meanwhile is looked at next time
      const count = await judgeKnownNow(this.#ledger, this.#datasetNamed, from(), () => !this.#isClosed);
      this.#lookedTo = position;
      return count;
    });
    this.#running = taken.catch(() => 0);
    return taken;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = this.#scheduler.after(AGAIN_MS, end);
      this.#pauses.add(end);
    });
  }
}
