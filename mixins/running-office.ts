import { randomUUID } from 'node:crypto';
import { unfitText } from '../domain/datasets/definitions.ts';
import { BUILT_IN } from '../domain/datasets/registry.ts';
import { DomainError, isTransient } from '../domain/errors.ts';
import type { Ports } from '../domain/ports.ts';
import { amqpLinks } from './amqp-links.ts';
import type { OfficeConfig } from './config.ts';
import { createLedger, type OfficeLedger } from './ledger/create-ledger.ts';
import type { Committed, Ledger } from './ledger/ledger.ts';
import type { OfficeDatasets } from './ledger/office-datasets.ts';
import type { Journal, Office, OfficeOptions } from './office.ts';
import { ALONE, noLink, problemOf } from './office-alone.ts';
import { machinePorts } from './machine-ports.ts';
import { PROGRAM } from './program.ts';
import { Declarations } from './projections/declared.ts';
import { Projections } from './projections/projections.ts';
import { Projector } from './projections/projector.ts';
import { createStore, type DatabaseStore } from './store/create-store.ts';
import { parseDatabaseUrl } from './store/database-url.ts';
import type { OpenOptions } from './store/store.ts';
import { FewAlarms } from './sync/few-lines.ts';
import { quarantineStatus } from './sync/quarantine-status.ts';
import { realTime, type Scheduler } from './sync/scheduler.ts';
import type { BranchSync, HeadSync, OfficeStatus } from './sync/sync.ts';
import { type Alarm, branchSyncOf, headSyncOf } from './sync-of-office.ts';
import { tellVersions } from './tell-versions.ts';

const OPEN_AGAIN_FIRST_MS = 250;
const OPEN_AGAIN_LONGEST_MS = 5_000;

/** @throws DomainError `invalid-database-url`, `invalid-link-url` */
export function createOffice(config: OfficeConfig, options: OfficeOptions): Office {
  return new RunningOffice(config, options);
}

class RunningOffice implements Office {
  readonly config: OfficeConfig;
  readonly ports: Ports;
  readonly store: DatabaseStore;
  readonly looksOnly: boolean;
  readonly database: string;
  readonly #journal: Journal;
  readonly #alarms: FewAlarms;
  readonly #scheduler: Scheduler;
  readonly #ledger: OfficeLedger;
  readonly #branch: BranchSync | null;
  readonly #head: HeadSync | null;
  readonly #projector: Projector;
  readonly #projections: Projections;
  readonly #onOpened: (() => void)[] = [];
  readonly #onFailed: ((error: Error) => void)[] = [];
  readonly #openOptions: OpenOptions;
  #isOpen = false;
  #isStopped = false;
  /** Its start came to nothing, and is tried again. */
  #isLinkDue = false;
  #whyClosed = 'it has not been opened yet';
  #cancelRetry: () => void = () => {};
  #opening: Promise<void> = Promise.resolve();

  constructor(
    config: OfficeConfig,
    {
      journal,
      datasets = BUILT_IN,
      link,
      prepare = 'make',
      ports = machinePorts,
      scheduler = realTime,
    }: OfficeOptions,
  ) {
    this.config = config;
    this.ports = ports;
    this.#journal = journal;
    this.#alarms = new FewAlarms(ports, (text) => journal.warn(text));
    this.#scheduler = scheduler;
    const { office, role } = config;
    // Several nodes of a head share its database; at a branch a second process is a mistake.
    this.looksOnly = prepare === 'nothing';
    const isAlone = role === 'branch' && !this.looksOnly;
    this.#openOptions = { prepare, ...(isAlone ? { alone: { onTaken: (error) => this.#fail(error) } } : {}) };
    this.database = parseDatabaseUrl(config.databaseUrl).shown;
    this.store = createStore({
      url: config.databaseUrl,
      office,
      role,
      datasets: datasets.all,
      reserveBytes: config.diskReserveBytes,
      onRoom: (full) => this.#tellRoom(full),
    });
    const { store } = this;
    const onAlarm = (alarm: Alarm) => this.#alarms.tell(alarm);
    this.#ledger = createLedger({
      store,
      office,
      role,
      ports,
      datasets,
      program: PROGRAM,
      scheduler,
      onAlarm,
    });
    const worker = {
      instance: randomUUID(),
      isAlone: isAlone || store.family === 'sqlite',
      nowMs: ports.nowMs,
      declared: new Declarations(this.#ledger.datasets),
    };
    const follows = { store: store.projections, worker, scheduler, journal };
    this.#projector = new Projector({ ...follows, isInProcess: store.family === 'sqlite' });
    this.#projections = new Projections(store.projections, worker, () => this.#projector.wake());
    this.#ledger.onCommitted(() => this.#projector.committed());
    this.#ledger.datasets.onUnfit((unfit) => onAlarm({ type: 'dataset-unfit', detail: unfitText(unfit) }));
    const links = link === undefined ? amqpLinks(config) : link;
    const parts = { config, ports, scheduler, journal, ledger: this.#ledger, onAlarm };
    this.#branch = role === 'branch' && links !== null ? branchSyncOf(parts, links) : null;
    this.#head = role === 'head' && links !== null ? headSyncOf(parts, links) : null;
  }

  get datasets(): OfficeDatasets {
    return this.#ledger.datasets;
  }

  ledger(): Ledger {
    if (this.#isOpen) return this.#ledger;
    throw this.#closed();
  }

  branchSync(): BranchSync {
    if (this.config.role === 'head')
      throw new DomainError('only-at-a-branch', 'A head has no link to pause or to sync');
    if (this.#branch !== null && this.#isOpen) return this.#branch;
    throw this.#branch === null ? noLink() : this.#closed();
  }

  headSync(): HeadSync | null {
    if (this.config.role === 'branch')
      throw new DomainError('only-at-the-head', 'Only the head knows the offices');
    return this.#head;
  }

  projections(): Projections {
    if (this.#isOpen) return this.#projections;
    throw this.#closed();
  }

  async syncStatus(): Promise<OfficeStatus> {
    return { ...(await this.#linkStatus()), unfit: this.datasets.unfit };
  }

  onCommitted(listener: (committed: Committed) => void): void {
    this.#ledger.onCommitted(listener);
  }

  onOpened(listener: () => void): void {
    if (this.#isOpen) listener();
    else this.#onOpened.push(listener);
  }

  onFailed(listener: (error: Error) => void): void {
    this.#onFailed.push(listener);
  }

  async start(): Promise<void> {
    await this.#open(OPEN_AGAIN_FIRST_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry();
    await this.#opening;
    if (this.#isOpen && !this.#isLinkDue) await this.#stopLink();
    await this.#projector.stop();
    await this.#ledger.close();
    this.#isOpen = false;
  }

  async #open(retryMs: number): Promise<void> {
    try {
      await this.store.open(this.#openOptions);
      await this.datasets.learn();
    } catch (error) {
      if (!isTransient(error)) throw error;
      this.#openLater(error, retryMs);
      return;
    }
    this.#isOpen = true;
    tellVersions(this.datasets, this.#journal);
    if (this.#isStopped) return;
    if (!this.looksOnly) {
      this.#projector.start();
      void this.#judgeKnownNow();
      if (this.config.role === 'head') this.#ledger.startKeepingUp();
    }
    await this.#startLink(OPEN_AGAIN_FIRST_MS);
    for (const listener of this.#onOpened) listener();
  }

  /** What an older program kept aside comes in now; beside everything else, for it may be much. */
  async #judgeKnownNow(): Promise<void> {
    const taken = await this.#ledger.takeInUntilDone();
    if (taken > 0) this.#journal.info(`${taken} events came in that this office had not known before.`);
  }

  /** The database may be away again already. The office is open all the same, and sells when it is back. */
  async #startLink(retryMs: number): Promise<void> {
    this.#isLinkDue = false;
    try {
      await (this.#branch ?? this.#head)?.start();
    } catch (error) {
      if (!isTransient(error)) throw error;
      this.#isLinkDue = true;
      this.#journal.warn(`The link could not be started: ${reasonOf(error)}. Trying again.`);
      if (!this.#isStopped) this.#startLinkLater(retryMs);
    }
  }

  #startLinkLater(retryMs: number): void {
    const next = Math.min(retryMs * 2, OPEN_AGAIN_LONGEST_MS);
    this.#cancelRetry = this.#scheduler.after(retryMs, () => {
      this.#opening = this.#startLink(next).catch((error: unknown) => this.#journal.error(reasonOf(error)));
    });
  }

  #openLater(error: unknown, retryMs: number): void {
    this.#whyClosed = reasonOf(error);
    this.#journal.warn(`${this.#whyClosed}. Trying again.`);
    if (this.#isStopped) return;
    this.#cancelRetry = this.#scheduler.after(retryMs, () => {
      this.#opening = this.#openAgain(Math.min(retryMs * 2, OPEN_AGAIN_LONGEST_MS));
    });
  }

  /** What would have ended the start, had the database been there, ends the office now. */
  async #openAgain(retryMs: number): Promise<void> {
    try {
      await this.#open(retryMs);
      if (this.#isOpen) this.#journal.info('The database is there.');
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The office stays not ready. Whoever runs it may end the process. */
  #fail(error: Error): void {
    this.#cancelRetry();
    this.#whyClosed = error.message;
    this.#journal.error(error.message);
    void this.#projector.stop();
    if (this.#isOpen && !this.#isLinkDue) this.#opening = this.#stopLink();
    this.#isOpen = false;
    for (const listener of this.#onFailed) listener(error);
  }

  async #stopLink(): Promise<void> {
    await (this.#branch ?? this.#head)?.stop();
  }

  #tellRoom(full: string | null): void {
    if (full === null) this.#journal.info('There is room on the disk of the database again.');
    else this.#alarms.tell({ type: 'disk-full', detail: full });
  }

  async #linkStatus(): Promise<Omit<OfficeStatus, 'unfit'>> {
    if (!this.#isOpen)
      return { ...ALONE, state: 'starting', problem: problemOf(this.#closed()), waiting: null };
    const full = this.store.problem();
    const disk = full === null ? null : { type: 'disk-full', detail: full };
    const status = (this.#branch ?? this.#head)?.status();
    if (status === undefined) return { ...ALONE, ...(await this.#unsent()), problem: disk ?? ALONE.problem };
    const isStarting = status.state === 'starting'; // what the database knows it has not read yet
    const log = await (isStarting ? this.#unsent() : this.#ledger.read.logRow()).catch(() => null);
    const known = { ...(isStarting ? log : {}), waiting: log?.waiting ?? null };
    return { ...status, ...known, problem: disk ?? status.problem };
  }

  async #unsent(): Promise<Omit<OfficeStatus, 'state' | 'lastContactAt' | 'problem' | 'unfit'>> {
    const { role, paused, tail, acked, safeSeq, waiting } = await this.#ledger.read.logRow();
    const pending = role === 'branch' ? tail.seq - acked.seq : 0;
    const quarantined = quarantineStatus(this.config.office, await this.#ledger.branch.quarantined());
    return { paused, pending, ackedSeq: acked.seq, safeSeq, lastSeq: tail.seq, waiting, quarantined };
  }

  #closed(): DomainError {
    return new DomainError('database-unavailable', `The database cannot be used now: ${this.#whyClosed}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
