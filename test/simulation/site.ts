import type { Catalogue } from '../../domain/datasets/catalogue.ts';
import { errorType, isTransient } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type { Subscription } from '../../domain/sync/messages.ts';
import { createLedger, type OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import { type BranchSyncOptions, createBranchSync } from '../../mixins/sync/branch-sync.ts';
import { createHeadSync } from '../../mixins/sync/head-sync.ts';
import type { BranchSync, HeadSync, SyncStatus } from '../../mixins/sync/sync.ts';
import type { MemoryDisk, MemoryStore } from './memory-store.ts';
import { Resolver } from './resolver.ts';
import type { SimBroker } from './sim-broker.ts';
import type { Path } from './path.ts';
import { SimLine } from './sim-line.ts';
import { SimBranchLink, SimHeadLink, type Witness } from './sim-link.ts';
import type { Traps } from './traps.ts';
import type { SiteWeather } from './weather.ts';
import { ProcessTimers } from './process-timers.ts';
import { type OfficeClock, portsOf, type World } from './world.ts';

/** Whoever follows what the offices do. */
export interface Onlooker {
  watch(site: Site): void;
  witness(site: Site): Witness;
  alarm(site: Site, type: string, detail: string): void;
}

export interface SiteOptions {
  readonly world: World;
  readonly broker: SimBroker;
  readonly oracle: Onlooker;
  readonly traps: Traps<Site>;
  readonly name: string;
  readonly disk: MemoryDisk;
  readonly clock: OfficeClock;
  readonly path: Path;
  readonly weather: SiteWeather;
  readonly mode: 'auto' | 'manual';
  readonly subscribe: Subscription;
  /** The hours in which this office syncs by itself. */
  readonly isWindowOpen: () => boolean;
  /** Whether its machine rests unless it is kept awake. */
  readonly rests: boolean;
  /** What the program declares that is installed first. */
  readonly program: Catalogue;
  /** Whether an older program may have left something to be taken in. */
  readonly takesIn: boolean;
}

interface Running {
  readonly store: MemoryStore;
  readonly ledger: OfficeLedger;
  readonly branch: BranchSync | null;
  readonly head: HeadSync | null;
  readonly line: SimLine;
  readonly resolver: Resolver | null;
  readonly timers: ProcessTimers;
  isReady: boolean;
}

/** One machine with a database and, while it runs, a process of an office. A cloned office has two. */
export class Site {
  readonly name: string;
  readonly office: OfficeId;
  readonly role: 'head' | 'branch';
  readonly clock: OfficeClock;
  readonly path: Path;
  readonly weather: SiteWeather;
  readonly subscribe: Subscription;
  readonly mode: 'auto' | 'manual';
  readonly backups: MemoryDisk[] = [];
  disk: MemoryDisk;
  /** What the program that its next process runs declares. */
  program: Catalogue;
  /** Taken away for good. */
  isRemoved = false;
  /** The office is to sync by itself now, if it does so at hours of its own. */
  isInContact = false;
  /** Whether its machine rests unless it is kept awake. */
  readonly rests: boolean;
  #awakeUntilMs: number;
  readonly #options: SiteOptions;
  #running: Running | null = null;
  #lives = 0;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.name = options.name;
    this.disk = options.disk;
    this.office = options.disk.office;
    this.role = options.disk.role;
    this.clock = options.clock;
    this.path = options.path;
    this.weather = options.weather;
    this.subscribe = options.subscribe;
    this.mode = options.mode;
    this.program = options.program;
    this.weather.onPass = (place) => this.#passes(`store ${place}`);
    this.rests = options.rests;
    this.#awakeUntilMs = options.rests ? 0 : Infinity;
    options.oracle.watch(this);
  }

  /** Its timers run at least until then; after that they wait for the next time. */
  stayAwake(untilMs: number): void {
    const rested = !this.#isAwake();
    this.#awakeUntilMs = Math.max(this.#awakeUntilMs, untilMs);
    if (rested) this.#running?.timers.wake();
  }

  #isAwake(): boolean {
    return this.#options.world.nowMs < this.#awakeUntilMs;
  }

  /** null while no process has come up. */
  get ledger(): OfficeLedger | null {
    return this.#running?.isReady ? this.#running.ledger : null;
  }

  get branch(): BranchSync | null {
    return this.#running?.isReady ? this.#running.branch : null;
  }

  get head(): HeadSync | null {
    return this.#running?.isReady ? this.#running.head : null;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Which process this is, from 1. */
  get life(): number {
    return this.#lives;
  }

  status(): SyncStatus | null {
    return (this.branch ?? this.head)?.status() ?? null;
  }

  start(): void {
    if (this.#running !== null || this.isRemoved) return;
    this.#lives += 1;
    this.#say('starts');
    const running = this.#assemble();
    this.#running = running;
    this.#bringUp(running).catch((error: unknown) => this.#failedToStart(running, error));
  }

  /** The process ends between two effects; what it was waiting for never comes. */
  crash(): void {
    if (this.#running === null) return;
    this.#say('crashes');
    this.#running.timers.end();
    this.#running.line.die();
    this.#running = null;
    this.disk.crash();
    const { world, traps } = this.#options;
    world.after(1, () => {
      if (this.#running === null && !this.isRemoved) traps.pass(this, 'down');
    });
  }

  /** The machine goes dark: what was written and not yet on the disk itself is gone as well. */
  losePower(): void {
    this.#say('loses its power');
    this.crash();
    if (this.disk.losePower()) this.#say('loses what was not yet safe on its disk');
  }

  #passes(where: string): void {
    if (this.#running !== null) this.#options.traps.pass(this, where);
  }

  /** The machine comes back with another disk. */
  replaceDisk(disk: MemoryDisk): void {
    this.crash();
    this.disk = disk;
    this.#options.oracle.watch(this);
  }

  async backUp(): Promise<MemoryDisk> {
    await this.#running?.store.quiet();
    return this.disk.copy();
  }

  noticePath(): void {
    this.#running?.line.noticePath();
  }

  #say(what: string): void {
    this.#options.world.say(this.name, what);
  }

  #assemble(): Running {
    const { world, broker, oracle, name } = this.#options;
    const timers = new ProcessTimers(world, () => this.#isAwake());
    const life = `${name}#${this.#lives}`;
    const ports = portsOf(this.clock, world.chance(`process ${life}`));
    const store = this.disk.open(this.weather);
    const { office, role } = this;
    const onAlarm = ({ type, detail }: { type: string; detail: string }) => oracle.alarm(this, type, detail);
    const ledger = createLedger({
      store,
      office,
      role,
      ports,
      datasets: this.program,
      program: 'simulated',
      scheduler: timers,
      onAlarm,
    });
    const line = new SimLine(world, broker, life, this.path, (where) => this.#passes(where));
    const common = { ledger, ports, scheduler: timers, onAlarm };
    const running = { store, ledger, line, timers, branch: null, head: null, resolver: null, isReady: false };
    if (role === 'branch') return { ...running, branch: this.#branchSync(common, line) };
    const head = createHeadSync({ ...common, link: new SimHeadLink(line, broker, oracle.witness(this)) });
    const resolver = new Resolver(ledger, ports, timers, world.chance(`resolver ${life}`));
    return { ...running, head, resolver };
  }

  #branchSync(
    common: Pick<BranchSyncOptions, 'ledger' | 'ports' | 'scheduler' | 'onAlarm'>,
    line: SimLine,
  ): BranchSync {
    const instance = common.ports.newId();
    const link = new SimBranchLink(line, this.office, instance, this.#options.oracle.witness(this));
    const { mode, subscribe, isWindowOpen } = this.#options;
    return createBranchSync({
      ...common,
      link,
      instance,
      program: 'simulated',
      mode,
      subscribe,
      isWindowOpen,
    });
  }

  async #bringUp(running: Running): Promise<void> {
    const { store, ledger, branch, head, resolver } = running;
    await store.open();
    if (this.#options.takesIn) void ledger.takeInUntilDone();
    if (head !== null) ledger.startKeepingUp();
    resolver?.start();
    await (branch ?? head)?.start();
    running.isReady = true;
  }

  #failedToStart(running: Running, error: unknown): void {
    if (this.#running !== running) return;
    if (!isTransient(error)) return this.#options.world.fail(error);
    this.#say(`cannot start: ${errorType(error)}`);
    this.crash();
    this.#options.world.after(1_000, () => this.start());
  }
}
