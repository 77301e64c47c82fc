import { messageOf } from '../../domain/errors.ts';
import type { StoreReader } from '../store/store.ts';
import type { Scheduler } from '../sync/scheduler.ts';
import type { LedgerAlarm } from './apply-alarms.ts';
import type { OfficeDatasets } from './office-datasets.ts';
import type { TakeIn } from './take-in.ts';

const TICK_MS = 1_000;

export interface KeepingUpOptions {
  readonly ledger: { readonly read: Pick<StoreReader, 'logRow'> };
  readonly datasets: Pick<OfficeDatasets, 'definitions' | 'learn'>;
  readonly takeIn: Pick<TakeIn, 'lookedTo' | 'newest'>;
  readonly scheduler: Scheduler;
  readonly onAlarm: (alarm: LedgerAlarm) => void;
}

/** Follows the other nodes of a head: what they have changed of datasets, and what they have left waiting. */
export class KeepingUp {
  readonly #options: KeepingUpOptions;
  #running: Promise<void> | null = null;
  #isClosed = false;
  #cancelTick: () => void = () => {};

  constructor(options: KeepingUpOptions) {
    this.#options = options;
  }

  /** From now on, once a second. */
  start(): void {
    if (this.#isClosed) return;
    this.once().catch((error: unknown) => this.#tellFailure(error)); // the next tick tries again
    this.#cancelTick = this.#options.scheduler.after(TICK_MS, () => this.start());
  }

  /** One at a time: whoever asks meanwhile waits for the same. */
  once(): Promise<void> {
    this.#running ??= this.#keepUp().finally(() => (this.#running = null));
    return this.#running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTick();
    await this.#running?.catch(() => undefined);
  }

  async #keepUp(): Promise<void> {
    const { ledger, datasets, takeIn } = this.#options;
    const { definitions, position, waiting } = await ledger.read.logRow();
    if (definitions !== datasets.definitions) await datasets.learn();
    else if (waiting > 0 && position > takeIn.lookedTo) await takeIn.newest();
  }

  #tellFailure(error: unknown): void {
    const detail = `What another node of this head does with datasets was not followed: ${messageOf(error)}. It is tried again.`;
    this.#options.onAlarm({ type: 'keep-up-failed', detail });
  }
}
