import { DomainError } from '../../domain/errors.ts';
import type { LogRow, NotYet, Store, StoreReader, StoreTx } from '../../mixins/store/store.ts';
import { type Reads, readsOf } from './memory-reads.ts';
import type { EventPool } from './event-pool.ts';
import { newLogRow, Tables } from './memory-tables.ts';
import { type Changes, type Writes, writesOf } from './memory-writes.ts';

/** `written`: the operating system has the commit, the disk has not. `committed`: the disk has it, too. */
export type Place = 'read' | 'begin' | 'commit' | 'written' | 'committed';
/**
 * `again`: the transaction lost against another one and runs once more from its beginning. `full`: there is no room
 * for what it writes; what only reads goes on.
 */
export type StoreFault = 'unavailable' | 'again' | 'unknown-committed' | 'unknown-lost' | 'full';

/** What a store suffers. Without it, it answers at once and never fails. */
export interface StoreWeather {
  /** How long it takes there; null for no time at all. */
  pause(place: Place): Promise<void> | null;
  fault(place: 'read' | 'begin' | 'commit'): StoreFault | null;
  /** The process has come there: it may end there. */
  passes(place: Place): void;
}

const CALM: StoreWeather = { pause: () => null, fault: () => null, passes: () => {} };
const MOST_ATTEMPTS = 8;

/** A commit as the disk sees it. */
export interface DiskCommit extends Changes {
  readonly log: LogRow;
}

/** A disk as it was at a place of its journal. */
interface Origin {
  readonly tables: Tables;
  readonly mark: number;
}

/**
 * What outlives a process: the state of an office's database as it was written. A commit is first written and then
 * on the disk itself, and only then acknowledged; what was only written, a crash leaves there and a power loss does not.
 */
export class MemoryDisk {
  readonly office: string;
  readonly role: LogRow['role'];
  /** Told once it is on the disk. */
  onCommit: (commit: DiskCommit) => void = () => {};
  #store: MemoryStore | null = null;
  /** At most one: transactions take turns, and who opens the database makes it safe first. */
  #written: DiskCommit | null = null;
  #tables: Tables | null = null;
  #reads: Reads | null = null;
  readonly #origin: Origin | null;
  readonly #pool: EventPool | undefined;
  /** Copies that may still be looked at. */
  #copies: { readonly mark: number; readonly disk: WeakRef<MemoryDisk> }[] = [];

  /** `pool`: of all the disks of a world. */
  constructor(office: string, role: LogRow['role'], pool?: EventPool, origin: Origin | null = null) {
    this.office = office;
    this.role = role;
    this.#pool = pool;
    this.#origin = origin;
  }

  get tables(): Tables {
    return (this.#tables ??= this.#origin === null ? this.#empty() : copyOf(this.#origin));
  }

  #empty(): Tables {
    const tables = new Tables(null, this.#pool);
    tables.log.set('', newLogRow(this.office, this.role));
    tables.journal.write();
    tables.journal.commit();
    return tables;
  }

  /** A new process opens the database; the one before it, if any, has crashed. */
  open(weather: StoreWeather = CALM): MemoryStore {
    this.crash();
    this.#store = new MemoryStore(this, weather);
    return this.#store;
  }

  /** Whatever was not committed is gone, and the process that had it open never hears from it again. */
  crash(): void {
    this.#store?.die();
    this.#store = null;
    this.tables.journal.rollBack(this.tables);
  }

  write(changes: Changes): void {
    this.tables.journal.write();
    this.#written = { ...changes, log: this.reads.logRow() };
  }

  /** Whatever was written is on the disk now. */
  sync(): void {
    const written = this.#written;
    if (written === null) return;
    this.#written = null;
    this.tables.journal.commit();
    this.onCommit(written);
  }

  /** Says whether anything was lost. */
  losePower(): boolean {
    this.crash();
    this.tables.journal.loseWritten(this.tables);
    const wasWritten = this.#written !== null;
    this.#written = null;
    return wasWritten;
  }

  /**
   * A copy of the committed state; not within a transaction: see `MemoryStore.quiet`. Most copies are never looked
   * at, so one is made when it is: of the tables as they are then, less what was committed since.
   */
  copy(): MemoryDisk {
    this.sync();
    const { tables } = this;
    const { mark } = tables.journal;
    const copy = new MemoryDisk(this.office, this.role, this.#pool, { tables, mark });
    this.#copies = this.#copies.filter(({ disk }) => disk.deref()?.isPending);
    this.#copies.push({ mark, disk: new WeakRef(copy) });
    tables.journal.keepFrom(this.#copies[0]!.mark);
    return copy;
  }

  /** Whether it is a copy that nobody has looked at. */
  get isPending(): boolean {
    return this.#tables === null;
  }

  /** The committed state, for checkers. */
  get reads(): Reads {
    return (this.#reads ??= readsOf(this.tables));
  }
}

function copyOf({ tables, mark }: Origin): Tables {
  const copy = new Tables(tables);
  tables.journal.undoTo(mark, copy);
  return copy;
}

/** A Store over a disk: transactions one at a time, all or nothing; reads see what is committed. */
export class MemoryStore implements Store {
  readonly family = 'sqlite';
  readonly read: StoreReader;
  readonly #disk: MemoryDisk;
  readonly #weather: StoreWeather;
  /** Transactions and reads take turns, in the order in which they were asked for. */
  #turn: Promise<void> = Promise.resolve();
  /** Of the transaction under way. */
  #changes: Changes = { inserted: [], displaced: [] };
  readonly #tx: StoreTx;
  #isDead = false;

  constructor(disk: MemoryDisk, weather: StoreWeather) {
    this.#disk = disk;
    this.#weather = weather;
    const writes = writesOf(disk.tables, () => this.#changes);
    this.#tx = promised<StoreTx>(writes, (answer) => this.#alive(answer));
    this.read = promised<StoreReader>(readsOf(disk.tables), (answer) => this.#readOnce(answer));
  }

  /** What an earlier process had written is made safe before anybody reads it. */
  async open(): Promise<void> {
    await this.#pass('begin');
    this.#disk.sync();
  }

  async close(): Promise<void> {
    await this.quiet();
  }

  problem(): string | null {
    return null;
  }

  async prepareTables(): Promise<readonly NotYet[]> {
    return [];
  }

  /** A row is what its state presents: there are no tables. */
  useTables(): void {}

  async durability(): Promise<string[]> {
    return [];
  }

  die(): void {
    this.#isDead = true;
  }

  /** Waits until nothing that was asked for before is under way. */
  async quiet(): Promise<void> {
    const end = await this.#myTurn();
    end();
  }

  async transaction<T>(work: (tx: StoreTx) => Promise<T>): Promise<T> {
    const end = await this.#myTurn();
    try {
      for (let attempt = 1; ; attempt++) {
        const done = await this.#attempt(work, attempt);
        if (done !== null) return done.result;
      }
    } finally {
      end();
    }
  }

  async #myTurn(): Promise<() => void> {
    const before = this.#turn;
    let end = () => {};
    this.#turn = new Promise((resolve) => (end = resolve));
    await before;
    return this.#isDead ? never() : end;
  }

  /** null: once more. */
  async #attempt<T>(work: (tx: StoreTx) => Promise<T>, attempt: number): Promise<{ result: T } | null> {
    const { journal } = this.#disk.tables;
    this.#changes = { inserted: [], displaced: [] };
    try {
      await this.#pass('begin');
      const result = await work(this.#tx);
      const fault = await this.#pass('commit');
      if (fault === 'again' && attempt < MOST_ATTEMPTS) {
        journal.rollBack(this.#disk.tables);
        return null;
      }
      if (fault === 'unknown-lost') throw unknown();
      if (fault === 'full' && !journal.isEmpty) throw full();
      this.#disk.write(this.#changes);
      await this.#wait('written');
      this.#disk.sync();
      if (fault === 'unknown-committed') throw unknown();
      await this.#wait('committed');
      return { result };
    } catch (error) {
      if (!this.#isDead) journal.rollBack(this.#disk.tables);
      throw error;
    }
  }

  async #readOnce<T>(answer: () => T): Promise<T> {
    const end = await this.#myTurn();
    const isAway = this.#weather.fault('read') === 'unavailable';
    const result = isAway ? null : answer();
    end();
    await this.#wait('read'); // what it saw may be old news by the time it is heard
    if (isAway) throw away();
    return result as T;
  }

  async #pass(place: 'begin' | 'commit'): Promise<StoreFault | null> {
    await this.#wait(place);
    const fault = this.#weather.fault(place);
    if (fault === 'unavailable') throw away();
    return fault;
  }

  async #wait(place: Place): Promise<void> {
    if (!this.#isDead) this.#weather.passes(place);
    const pause = this.#weather.pause(place);
    if (pause !== null) await pause;
    if (this.#isDead) await never();
  }

  /** Promises of a dead process stay pending. */
  #alive<T>(answer: () => T): Promise<T> {
    if (this.#isDead) return never();
    try {
      return Promise.resolve(answer());
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }
}

function promised<A extends object>(
  answers: Reads | (Reads & Writes),
  run: <T>(answer: () => T) => Promise<T>,
): A {
  const wrapped: Record<string, unknown> = {};
  for (const [name, ask] of Object.entries(answers)) {
    wrapped[name] = (...args: unknown[]) => run(() => (ask as (...args: unknown[]) => unknown)(...args));
  }
  return wrapped as A;
}

function away(): DomainError {
  return new DomainError('database-unavailable', 'The database cannot be used now: simulated');
}

/** As every real store says it: see `AWAY` in mixins/store. */
function full(): DomainError {
  return new DomainError(
    'database-unavailable',
    'The database cannot be used now: its disk is full, simulated',
  );
}

function unknown(): DomainError {
  return new DomainError('commit-unknown', 'The connection broke during a commit: simulated');
}

/** Each its own: whoever waits for a promise that stays pending is kept by it. */
function never(): Promise<never> {
  return new Promise<never>(() => {});
}
