import { createHash } from 'node:crypto';
import { v7 } from 'uuid';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { sales } from '../../domain/datasets/sales.ts';
import type { Ports } from '../../domain/ports.ts';
import { createLedger, type OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import type { Committed } from '../../mixins/ledger/ledger.ts';
import { createStore, type DatabaseStore } from '../../mixins/store/create-store.ts';
import type { FailPoint } from '../../mixins/store/run-transaction.ts';
import type { Store, StoreTx } from '../../mixins/store/store.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { type TestPlace, testDatabase } from '../harness/servers.ts';
import { LedgerLine } from './ledger-line.ts';
import { expectFolded } from './folded.ts';
import { things } from './store-fixtures.ts';
import { openRaw, type Raw } from './store-raw.ts';

const declared = BUILT_IN.with([things]);
export const datasetNamed = declared.named;

/** Real time unless it is set, so that two machines can be made to agree. */
export function testPorts(changes: Partial<Ports> = {}): Ports {
  return {
    sha256: (...parts) => {
      const hash = createHash('sha256');
      for (const part of parts) hash.update(part);
      return hash.digest();
    },
    nowMs: () => Date.now(),
    elapsedMs: () => performance.now(),
    newId: () => v7(),
    random: () => Math.random(),
    ...changes,
  };
}

const FIXED = [
  'event',
  'displaced_event',
  'late',
  'waiting',
  'entity',
  'conflict_case',
  'digest',
  'office',
  'log',
];
const TABLES = [...FIXED, 'sales', 'things'];

export interface OfficeOptions {
  readonly url?: string;
  readonly office?: string;
  readonly role?: 'head' | 'branch';
  readonly ports?: Ports;
  readonly failPoint?: FailPoint;
  /** Stands between the ledger and its store. */
  readonly wrap?: (store: Store) => Store;
}

/** A ledger on a database of the kind under test, with what a test wants to know of it. */
export interface Office {
  readonly ledger: OfficeLedger;
  readonly store: DatabaseStore;
  /** What those who follow the log were told. */
  readonly told: Committed[];
  /** How often a transaction's work began; more than there are transactions when some ran again. */
  readonly works: () => number;
  readonly isOpen: () => boolean;
  close(): Promise<void>;
}

/** The database and the offices of a suite: each test has the database to itself. */
export class LedgerWorld {
  readonly #kind: DatabaseKind;
  readonly #offices: Office[] = [];
  readonly #raws: Raw[] = [];
  readonly #lines: LedgerLine[] = [];
  #place: Promise<TestPlace> | null = null;

  constructor(kind: DatabaseKind) {
    this.#kind = kind;
  }

  async url(): Promise<string> {
    this.#place ??= testDatabase(this.#kind);
    return (await this.#place).url;
  }

  async raw(): Promise<Raw> {
    const raw = await openRaw(this.#kind, await this.url());
    this.#raws.push(raw);
    return raw;
  }

  /** A line to the database that can be cut. */
  async line(): Promise<LedgerLine> {
    const line = await LedgerLine.open(await this.url());
    this.#lines.push(line);
    return line;
  }

  async office(options: OfficeOptions = {}): Promise<Office> {
    const { office = 'west', role = office === 'head' ? 'head' : 'branch', ports = testPorts() } = options;
    const url = options.url ?? (await this.url());
    const failPoint = options.failPoint;
    const opened = createStore({
      url,
      office,
      role,
      datasets: [sales, things],
      ...(failPoint ? { failPoint } : {}),
    });
    await opened.open();
    let works = 0;
    const counted = withWork(opened, () => (works += 1));
    const store = options.wrap?.(counted) ?? counted;
    const ledger = createLedger({ store, office, role, ports, program: '0.1.0', datasets: declared });
    const told: Committed[] = [];
    ledger.onCommitted((committed) => told.push(committed));
    let isOpen = true;
    const made: Office = {
      isOpen: () => isOpen,
      ledger,
      store: opened,
      told,
      works: () => works,
      close: once(() => {
        isOpen = false;
        return ledger.close();
      }),
    };
    this.#offices.push(made);
    return made;
  }

  /** For the next test: the tables stay, since to make them takes much longer than any test. */
  async empty(): Promise<void> {
    for (const one of this.#raws.splice(0)) await one.close();
    const office = this.#offices.find(({ isOpen }) => isOpen());
    try {
      if (office !== undefined) await expectFolded(office.store, [sales, things]);
    } finally {
      await this.#clear();
    }
  }

  async #clear(): Promise<void> {
    for (const office of this.#offices.splice(0)) await office.close();
    for (const line of this.#lines.splice(0)) await line.close();
    const raw = await openRaw(this.#kind, await this.url());
    for (const table of TABLES) await raw.run(`delete from ${table}`);
    await raw.close();
  }

  async close(): Promise<void> {
    await (await this.#place)?.drop();
  }
}

function once(end: () => Promise<void>): () => Promise<void> {
  let ended: Promise<void> | null = null;
  return () => (ended ??= end());
}

/** The same store; `began` runs whenever the work of a transaction begins, `tx` may be replaced for it. */
export function withWork(store: Store, began: (tx: StoreTx) => unknown): Store {
  return changed(store, {
    transaction: (work) =>
      store.transaction(async (tx) => {
        const replaced = await began(tx);
        return work(isTx(replaced) ? replaced : tx);
      }),
  });
}

/** The same transaction; the name of whatever is asked in it is added to `asked`. */
export function noting(tx: StoreTx, asked: string[]): StoreTx {
  return new Proxy(tx, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method === 'function') asked.push(String(name));
      return method;
    },
  });
}

function isTx(value: unknown): value is StoreTx {
  return typeof value === 'object' && value !== null && 'lockLog' in value;
}

/** The same store with some of its methods replaced. */
export function changed(store: Store, changes: Partial<Store>): Store {
  return {
    family: store.family,
    read: store.read,
    open: () => store.open(),
    close: () => store.close(),
    problem: () => store.problem(),
    durability: () => store.durability(),
    prepareTables: (datasets) => store.prepareTables(datasets),
    useTables: (datasets) => store.useTables(datasets),
    transaction: (work) => store.transaction(work),
    ...changes,
  };
}

/** What a promise is rejected with; null when it is not. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ type?: string; data?: Record<string, unknown> } | null> {
  return promise.then(
    () => null,
    (error: unknown) => error as { type?: string },
  );
}
