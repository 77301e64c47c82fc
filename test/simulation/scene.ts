import type { OfficeId } from '../../domain/event.ts';
import type { Subscription } from '../../domain/sync/messages.ts';
import { Caretaker } from './caretaker.ts';
import { encoded, shared } from './carry.ts';
import { EventPool } from './event-pool.ts';
import { MemoryDisk } from './memory-store.ts';
import { Operators } from './operators.ts';
import { Oracle } from './oracle.ts';
import type { Plan } from './plan.ts';
import type { Prng } from './prng.ts';
import { Programs } from './programs.ts';
import { SimBroker } from './sim-broker.ts';
import { Site } from './site.ts';
import { Strangers } from './strangers.ts';
import { Traps } from './traps.ts';
import { SiteWeather } from './weather.ts';
import { OfficeClock, type World } from './world.ts';

export const HEAD = 'head';
const NAMES = ['east', 'west', 'north', 'south', 'isle', 'port', 'hill', 'lake'];
const BACKUPS_KEPT = 4;

/** `silent`: nothing gets through; `mute`: nothing of what the office sends; `deaf`: nothing of what it is sent. */
export type PathBreak = 'cut' | 'silent' | 'mute' | 'deaf';
const BREAKS = {
  cut: { isCut: true },
  silent: { isMute: true, isDeaf: true },
  mute: { isMute: true },
  deaf: { isDeaf: true },
} as const;
const WHOLE = { isCut: false, isMute: false, isDeaf: false } as const;

/** Everything that takes part in one simulated history, and the ways in which it can be interfered with. */
export class Scene {
  readonly world: World;
  readonly plan: Plan;
  readonly broker: SimBroker;
  readonly oracle: Oracle;
  readonly operators: Operators;
  readonly head: Site;
  readonly traps = new Traps<Site>();
  readonly strangers: Strangers;
  readonly programs = new Programs(this);
  readonly caretaker = new Caretaker(this);
  /** How often a process ended at which of its effects. */
  readonly effects = new Map<string, number>();
  readonly #chance: Prng;
  readonly #pool = new EventPool();
  readonly #restarts = new Map<Site, () => void>();
  /** Branches that the head has given up, or is about to: what they wrote since is theirs alone. */
  readonly retired = new Set<OfficeId>();
  /** What every office is to be fed with. */
  readonly #granted = new Map<OfficeId, Subscription>();
  #offices = 0;
  #copies = 0;
  #isHealing = false;

  constructor(world: World, plan: Plan) {
    this.world = world;
    this.plan = plan;
    this.#chance = world.chance('scene');
    this.broker = new SimBroker(world, plan.isEncoded ? encoded : shared);
    this.oracle = new Oracle(world);
    this.operators = new Operators(world, this.oracle, plan.habits);
    this.strangers = new Strangers(world);
    this.oracle.expects(this.broker);
    this.head = this.#newSite(HEAD, new MemoryDisk(HEAD, 'head', this.#pool), 'own', 'auto');
  }

  async begin(): Promise<void> {
    this.head.start();
    await this.world.run(this.world.nowMs + 1_000, () => this.head.ledger !== null);
    this.#open(this.head);
    for (let i = 0; i < this.plan.branches; i++) this.addOffice();
    if (this.plan.season !== null) return;
    this.#backUpNowAndThen();
    this.caretaker.retireSomebody();
  }

  /** In seasons people work when the diary says so. */
  #open(site: Site): void {
    if (this.plan.season === null) this.operators.open(site);
  }

  sites(): Site[] {
    return this.oracle.sites.filter(({ isRemoved }) => !isRemoved);
  }

  branches(): Site[] {
    return this.sites().filter(({ role }) => role === 'branch');
  }

  isCloned(office: OfficeId): boolean {
    return this.sites().filter((site) => site.office === office).length > 1;
  }

  later(delayMs: number, task: () => void): void {
    this.world.after(delayMs, () => {
      if (!this.#isHealing) task();
    });
  }

  /** A new branch; its process may come up before the head knows it. */
  addOffice(): boolean {
    const name = NAMES[this.#offices];
    if (name === undefined) return false;
    this.#offices += 1;
    const subscribe: Subscription = this.#chance.chance(this.plan.subscribeAll) ? 'all' : 'own';
    const asks: Subscription = this.#chance.chance(0.1) ? (subscribe === 'all' ? 'own' : 'all') : subscribe;
    const mode = this.#chance.chance(this.plan.manualMode) ? 'manual' : 'auto';
    const site = this.#newSite(name, new MemoryDisk(name, 'branch', this.#pool), asks, mode);
    site.start();
    this.#open(site);
    this.#granted.set(name, subscribe);
    if (this.plan.season === null) this.#registerAgainAndAgain(name);
    return true;
  }

  restart(site: Site, delayMs: number): void {
    this.#restarts.get(site)?.();
    this.#restarts.set(
      site,
      this.world.after(delayMs, () => site.start()),
    );
  }

  noteEffect({ role }: Site, where: string): void {
    const effect = `${role} ${where}`;
    this.effects.set(effect, (this.effects.get(effect) ?? 0) + 1);
  }

  breakPath(site: Site, how: PathBreak, forMs: number): boolean {
    const { path } = site;
    if (path.isCut || path.isMute || path.isDeaf) return false;
    this.world.say(site.name, `path ${how} for ${Math.round(forMs)} ms`);
    Object.assign(path, BREAKS[how]);
    site.noticePath();
    this.later(forMs, () => this.#mendPath(site));
    return true;
  }

  /** False where it would destroy more than the promises allow. */
  restoreBackup(site: Site, backup: MemoryDisk): boolean {
    // Who restores the head while an office runs twice leaves nobody who knows which copy had been acknowledged.
    if (site.role === 'head' && this.branches().some(({ office }) => this.isCloned(office))) return false;
    // Nor does anybody return to the head what only a retired branch holds.
    if (site.role === 'head' && this.retired.size > 0) return false;
    const lost = this.oracle.lostBy(site, backup);
    if (lost === null) return false;
    for (const fact of lost) fact.isExcused = true;
    this.world.say(
      site.name,
      `restored from a backup at ${backup.reads.logRow().tail.seq}, ${lost.length} events are gone for good`,
    );
    this.oracle.restores(site, backup);
    site.replaceDisk(backup.copy());
    return true;
  }

  /** A copy of the machine, or of its backup, comes alive beside it. */
  clone(site: Site, backup: MemoryDisk | null): boolean {
    const name = `${site.office}-copy${(this.#copies += 1)}`;
    const start = (disk: MemoryDisk): void => {
      if (this.#isHealing || this.isCloned(site.office) || this.retired.has(site.office)) return;
      if (!this.oracle.whereabouts.isWhole(site.office)) return;
      // Whichever of the two is fenced returns nothing to a head that was restored.
      if (!this.oracle.whereabouts.isHeadWholeFor(site)) return;
      this.world.say(name, `is a copy of ${site.name} at ${disk.reads.logRow().tail.seq}`);
      const copy = this.#newSite(name, disk, site.subscribe, site.mode, site.program);
      copy.start();
      this.#open(copy);
      this.caretaker.claimNowAndThen(site.office);
    };
    if (backup !== null) start(backup.copy());
    else void site.backUp().then(start);
    return true;
  }

  /** All faults off. */
  heal(): void {
    this.#isHealing = true;
    this.world.say('world', 'all faults off');
    this.operators.close();
    this.traps.clear();
    this.broker.calmDown();
    for (const office of this.retired) this.#takeAway(office);
    for (const site of this.sites()) {
      site.weather.awayUntilMs = site.weather.fullUntilMs = 0;
      site.path.bytesPerMs = Infinity;
      Object.assign(site.weather.temper, { again: 0, unknownCommit: 0, commitMs: 10 });
      site.clock.skewMs = 0;
      this.#mendPath(site);
      this.programs.upgrade(site, 0);
      if (!site.isRunning) this.restart(site, 0);
      site.stayAwake(Infinity);
    }
    if (this.plan.season !== null)
      for (const office of this.#granted.keys()) this.#registerAgainAndAgain(office);
    this.caretaker.tend();
  }

  /** With all that the head did not get of it. */
  #takeAway(office: OfficeId): void {
    const { events } = this.head.disk.tables;
    for (const fact of this.oracle.facts.values())
      if (fact.office === office && !events.holds(office, fact.logged.event.id)) fact.isExcused = true;
    for (const site of this.branches()) if (site.office === office) this.remove(site);
  }

  remove(site: Site): void {
    this.world.say(site.name, 'is taken away');
    site.crash();
    site.isRemoved = true;
  }

  #mendPath(site: Site): void {
    Object.assign(site.path, WHOLE);
    site.noticePath();
  }

  #registerAgainAndAgain(office: OfficeId): void {
    const isKnown = this.register(office);
    this.world.after(isKnown ? 30_000 : 3_000, () => this.#registerAgainAndAgain(office));
  }

  /** Adds the office at the head, again if the head that knew it is gone. Says whether it knew it. */
  register(office: OfficeId): boolean {
    const { ledger, head } = this.head;
    const isKnown = this.head.disk.reads.office(office) !== null;
    if (isKnown || ledger === null) return isKnown;
    const added = ledger.addOffice({ office, name: office, subscribe: this.#granted.get(office)! });
    added.then(() => head!.officesChanged()).catch(() => {});
    return false;
  }

  /** A few backups are kept, some of them old. */
  backUp(site: Site): void {
    void site.backUp().then((disk) => {
      site.backups.push(disk);
      if (site.backups.length > BACKUPS_KEPT) site.backups.splice(this.#chance.int(0, BACKUPS_KEPT), 1);
    });
  }

  #backUpNowAndThen(): void {
    this.later(this.#chance.exponential(this.plan.backupMs), () => {
      this.backUp(this.#chance.pick(this.sites()));
      this.#backUpNowAndThen();
    });
  }

  #newSite(
    name: string,
    disk: MemoryDisk,
    subscribe: Subscription,
    mode: 'auto' | 'manual',
    program = this.programs.drawFor(name, disk.role),
  ): Site {
    const { world, broker, oracle, plan } = this;
    const chance = world.chance(`site ${name}`);
    const clock = new OfficeClock(world, chance.between(-plan.skewMs, plan.skewMs));
    const longestMs = disk.role === 'head' ? Math.min(plan.latencyMs, 20) : plan.latencyMs; // it has the broker beside it
    const minMs = chance.between(0.5, longestMs / 4);
    const path = { minMs, maxMs: minMs + chance.between(1, longestMs), bytesPerMs: Infinity, ...WHOLE };
    const temper = { again: 0, unknownCommit: 0, readMs: 5, commitMs: 20 };
    const weather = new SiteWeather(world, name, temper);
    const isInHours = this.#windowsOf(chance);
    const rests = plan.season !== null;
    const isInContact = (): boolean => this.#isHealing || site.isInContact;
    const site: Site = new Site({
      world,
      broker,
      oracle,
      traps: this.traps,
      name,
      disk,
      clock,
      path,
      weather,
      mode,
      subscribe,
      isWindowOpen: rests ? isInContact : isInHours,
      rests,
      program,
      takesIn: plan.programs !== 'alike',
    });
    this.programs.upgradeLater(site);
    return site;
  }

  /** Some offices have contact only now and then. */
  #windowsOf(chance: Prng): () => boolean {
    if (!chance.chance(this.plan.windows)) return () => true;
    const everyMs = chance.between(60_000, 600_000);
    return () => this.#isHealing || this.world.nowMs % everyMs < everyMs / 6;
  }
}
