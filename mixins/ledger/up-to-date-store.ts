import { DomainError, errorType } from '../../domain/errors.ts';
import type { LogRow, Store, StoreReader, StoreTx } from '../store/store.ts';
import type { OfficeDatasets } from './office-datasets.ts';

/** Never seen by a caller. */
const OUTDATED = 'datasets-outdated';

/**
 * A store in which nobody moves the log who does not know the datasets as this database has them, whichever process
 * changed them: `lockLog` finds it out, and the transaction runs again when they are known.
 */
export class UpToDateStore implements Store {
  readonly #store: Store;
  readonly #datasets: OfficeDatasets;

  constructor(store: Store, datasets: OfficeDatasets) {
    this.#store = store;
    this.#datasets = datasets;
  }

  get family(): Store['family'] {
    return this.#store.family;
  }

  get read(): StoreReader {
    return this.#store.read;
  }

  async transaction<T>(work: (tx: StoreTx) => Promise<T>): Promise<T> {
    for (;;) {
      let saved: number | null = null;
      const onSaved = ({ definitions }: LogRow) => (saved = definitions);
      try {
        const result = await this.#store.transaction((tx) => work(this.#watched(tx, onSaved)));
        if (saved !== null && saved !== this.#datasets.definitions) await this.#learnIfPossible();
        return result;
      } catch (error) {
        if (errorType(error) !== OUTDATED) throw error;
        await this.#datasets.learn();
      }
    }
  }

  open(options?: Parameters<Store['open']>[0]): Promise<void> {
    return this.#store.open(options);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  problem(): string | null {
    return this.#store.problem();
  }

  durability(): Promise<string[]> {
    return this.#store.durability();
  }

  prepareTables(...given: Parameters<Store['prepareTables']>): ReturnType<Store['prepareTables']> {
    return this.#store.prepareTables(...given);
  }

  useTables(...given: Parameters<Store['useTables']>): void {
    this.#store.useTables(...given);
  }

  #watched(tx: StoreTx, onSaved: (row: LogRow) => void): StoreTx {
    return {
      ...tx,
      lockLog: async () => {
        const log = await tx.lockLog();
        if (log.definitions === this.#datasets.definitions) return log;
        throw new DomainError(OUTDATED, 'The datasets have changed since they were read');
      },
      saveLog: (row) => {
        onSaved(row);
        return tx.saveLog(row);
      },
    };
  }

  /** What was asked for is committed: the next transaction finds out what this one could not learn. */
  async #learnIfPossible(): Promise<void> {
    await this.#datasets.learn().catch(() => undefined);
  }
}
