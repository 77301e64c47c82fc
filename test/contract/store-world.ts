import { sales } from '../../domain/datasets/sales.ts';
import { createStore, type DatabaseStore, type StoreOptions } from '../../mixins/store/create-store.ts';
import type { Store, StoreTx } from '../../mixins/store/store.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { type TestPlace, testDatabase } from '../harness/servers.ts';
import { LogWriter, things } from './store-fixtures.ts';
import { openRaw, type Raw } from './store-raw.ts';

/** The database of a test, its store and its log; each test has its own. */
export class StoreWorld {
  readonly kind: DatabaseKind;
  readonly #stores: DatabaseStore[] = [];
  readonly #raws: Raw[] = [];
  #place!: TestPlace;
  #store!: Store;
  #log!: LogWriter;

  constructor(kind: DatabaseKind) {
    this.kind = kind;
  }

  get isServer(): boolean {
    return this.kind !== 'sqlite';
  }

  get place(): TestPlace {
    return this.#place;
  }

  /** Opened on the database; of the branch west. */
  get store(): Store {
    return this.#store;
  }

  get log(): LogWriter {
    return this.#log;
  }

  async begin(): Promise<void> {
    this.#place = await testDatabase(this.kind);
    this.#log = new LogWriter();
    this.#store = await this.open();
  }

  async end(): Promise<void> {
    for (const raw of this.#raws.splice(0)) await raw.close();
    for (const store of this.#stores.splice(0)) await store.close();
    await this.#place.drop();
  }

  /** A store that is not open yet; closed with the test. */
  create(changes: Partial<StoreOptions> = {}): DatabaseStore {
    const store = createStore({
      url: this.#place.url,
      office: 'west',
      role: 'branch',
      datasets: [things, sales],
      ...changes,
    });
    this.#stores.push(store);
    return store;
  }

  async open(changes: Partial<StoreOptions> = {}): Promise<DatabaseStore> {
    const store = this.create(changes);
    await store.open();
    return store;
  }

  async raw(): Promise<Raw> {
    const raw = await openRaw(this.kind, this.#place.url);
    this.#raws.push(raw);
    return raw;
  }

  write<T>(work: (tx: StoreTx) => Promise<T>): Promise<T> {
    return this.#store.transaction(work);
  }

  /** The work of a transaction: one more event of west. Gives the event's position. */
  readonly advance = async (tx: StoreTx): Promise<number> => {
    const row = await tx.lockLog();
    const position = row.position + 1;
    await tx.insertEvents([this.#log.event({ office: 'west', seq: position }, position)]);
    await tx.saveLog({ ...row, position });
    return position;
  };
}

/** What `promise` is rejected with; fails when it is not. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<Error & { data?: Record<string, unknown> }> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome === null) throw new Error('it did not fail');
  return outcome as Error & { data?: Record<string, unknown> };
}
