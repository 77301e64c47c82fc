import { messageOf } from '../../domain/errors.ts';
import type { Scheduler } from '../sync/scheduler.ts';
import { judgeKnownNow, type KnownNow } from './judge-known-now.ts';

const AGAIN_MS = 5_000;

export interface TakeInOptions extends Omit<KnownNow, 'goesOn'> {
  readonly scheduler: Scheduler;
}

/** Takes in what waits only because this office did not know it before; one run after the other. */
export class TakeIn {
  readonly #options: TakeInOptions;
  readonly #setting: KnownNow;
  #isClosed = false;
  #running: Promise<number> = Promise.resolve(0);
  /** Of what waits up to here, this process has taken in what it knows. */
  #lookedTo = 0;
  /** Of those that wait to try again: each ends its pause. */
  readonly #pauses = new Set<() => void>();

  constructor(options: TakeInOptions) {
    this.#options = options;
    this.#setting = { ...options, goesOn: () => !this.#isClosed };
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

  /** The same, again and again while the database is away. */
  async untilDone(): Promise<number> {
    for (;;)
      try {
        return await this.all();
      } catch (error) {
        if (this.#isClosed) return 0;
        const detail = `Not all that waits was judged again: ${messageOf(error)}. It is tried again.`;
        this.#options.onAlarm({ type: 'take-in-failed', detail });
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
      const { position } = await this.#options.ledger.read.logRow(); // before it looks: what comes meanwhile is looked at next time
      const count = await judgeKnownNow(this.#setting, from());
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
      const cancel = this.#options.scheduler.after(AGAIN_MS, end);
      this.#pauses.add(end);
    });
  }
}
