import { Catalogue, type Datasets } from '../../domain/datasets/catalogue.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { CATALOGUE_KEY, definedBy, type Unfit, versionBefore } from '../../domain/datasets/definitions.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { EVOLUTION_VERSION } from '../../domain/office/evolve-dataset.ts';
import type { KnownDatasets } from '../../domain/sync/messages.ts';
import type { NotYet, Store } from '../store/store.ts';
import type { Scheduler } from '../sync/scheduler.ts';

const AGAIN_MS = 5_000;
/** No log has counted so few. */
const NOT_KNOWN = -1;

interface Held {
  readonly definitions: number;
  readonly state: EntityState | null;
}

/**
 * The datasets of an office as they are in force: what it declares, and every change by the head that has reached it and
 * that its tables are ready for. One that cannot be carried out leaves its dataset at the version before.
 */
export class OfficeDatasets implements Datasets {
  readonly named = (name: string): Dataset | null => this.#now.named(name);
  readonly declares = (name: string): boolean => this.#declared.named(name) !== null;
  readonly #declared: Catalogue;
  readonly #store: Store;
  readonly #scheduler: Scheduler;
  readonly #listeners: (() => void)[] = [];
  #now: Catalogue;
  /** What the listeners were told last. */
  #told: string;
  #definitions = 0;
  #unfit: readonly Unfit[] = [];
  #learning: Promise<void> | null = null;
  #cancelAgain: () => void = () => {};
  #tellUnfit: (unfit: Unfit) => void = () => {};
  #isClosed = false;

  constructor(declared: Catalogue, store: Store, scheduler: Scheduler) {
    this.#declared = declared;
    this.#now = declared;
    this.#told = namesOf(declared);
    this.#store = store;
    this.#scheduler = scheduler;
  }

  get all(): readonly Dataset[] {
    return this.#now.all;
  }

  /** Of how many changes of definitions this is what came of them: see `LogRow.definitions`. */
  get definitions(): number {
    return this.#definitions;
  }

  /** Changes that are not carried out here, and why. */
  get unfit(): readonly Unfit[] {
    return this.#unfit;
  }

  /** What a greeting says of them. */
  said(): KnownDatasets {
    const versions = Object.fromEntries(this.all.map(({ name, version }) => [name, version]));
    return { evolutions: EVOLUTION_VERSION, versions };
  }

  /** Called whenever datasets have changed. */
  onChanged(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Called for each change that is not carried out, again and again while it is not. */
  onUnfit(listener: (unfit: Unfit) => void): void {
    this.#tellUnfit = listener;
  }

  /** Takes in what the log knows, tables first. One at a time: whoever asks meanwhile waits for the same. */
  learn(): Promise<void> {
    this.#learning ??= this.#learnAll().finally(() => (this.#learning = null));
    return this.#learning;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelAgain();
  }

  async #learnAll(): Promise<void> {
    this.#cancelAgain();
    for (;;) {
      const held = await this.#held();
      const { catalogue, unfit } = definedBy(this.#declared, held.state);
      const notYet = await this.#store.prepareTables(catalogue.all);
      const ready = await this.#ready(catalogue, notYet);
      if (!(await this.#use(ready, held))) continue; // another change has come meanwhile
      this.#unfit = [...unfit, ...notYet.map((one) => unfitFor(one, catalogue))];
      this.#unfit.forEach((one) => this.#tellUnfit(one));
      if (notYet.length > 0) this.#learnAgainLater();
      this.#tell(namesOf(ready));
      return;
    }
  }

  #held(): Promise<Held> {
    return this.#store.transaction(async (tx) => {
      const { definitions } = await tx.lockLog();
      const [state] = await tx.lockEntities([CATALOGUE_KEY]);
      return { definitions, state: state ?? null };
    });
  }

  /** Those without their table stay at the newest version for which it is ready. */
  async #ready(catalogue: Catalogue, notYet: readonly NotYet[]): Promise<Catalogue> {
    if (notYet.length === 0) return catalogue;
    const waits = new Set(notYet.map(({ dataset }) => dataset));
    const ready: Dataset[] = [];
    for (const dataset of catalogue.all) {
      const kept = waits.has(dataset.name) ? await this.#lastReady(dataset) : dataset;
      if (kept !== null) ready.push(kept);
    }
    return new Catalogue(ready);
  }

  async #lastReady(dataset: Dataset): Promise<Dataset | null> {
    for (let shape = versionBefore(dataset); shape !== null; shape = versionBefore(shape))
      if ((await this.#store.prepareTables([shape])).length === 0) return shape;
    return null;
  }

  /** While the log is locked nobody writes a row. After a failure whoever locks it next learns anew. */
  async #use(catalogue: Catalogue, { definitions }: Held): Promise<boolean> {
    try {
      return await this.#store.transaction(async (tx) => {
        const log = await tx.lockLog();
        if (log.definitions !== definitions) return false;
        this.#store.useTables(catalogue.all);
        this.#now = catalogue;
        this.#definitions = definitions;
        return true;
      });
    } catch (error) {
      this.#definitions = NOT_KNOWN;
      throw error;
    }
  }

  #tell(names: string): void {
    if (names === this.#told) return;
    this.#told = names;
    for (const listener of this.#listeners) listener();
  }

  #learnAgainLater(): void {
    if (this.#isClosed) return;
    this.#cancelAgain = this.#scheduler.after(AGAIN_MS, () => {
      void this.learn().catch(() => this.#learnAgainLater()); // the database is away: whoever uses it will say so
    });
  }
}

/** Tells catalogues apart by the versions that are in force. */
function namesOf({ all }: Catalogue): string {
  return JSON.stringify(
    all.map(({ name, version, policies, fields }) => [name, version, policies.version, fields]),
  );
}

function unfitFor({ dataset, reason }: NotYet, catalogue: Catalogue): Unfit {
  return { dataset, version: catalogue.named(dataset)!.version, reason };
}
