import type { OfficeId } from '../../domain/event.ts';
import { FAULTS, type Fault } from './faults.ts';
import { COMMANDS_A_DAY, DAY_MS, HOUR_MS, type Season } from './plan.ts';
import type { Prng } from './prng.ts';
import type { Scene } from './scene.ts';
import type { Site } from './site.ts';
import type { Strikes } from './strikes.ts';
import { strike } from './unleash.ts';

/** A day counts when its week brought the office at least one fault. */
const WEEK_DAYS = 7;
/** Not bad luck: they make nothing worse. */
const HARMLESS = new Set(['sync-now', 'office-added', 'orderly-restart', 'paused', 'both-sides-edit']);
const OPENING_MS = 8 * HOUR_MS;
const CLOSING_MS = 18 * HOUR_MS;
const LAST_CALL_MS = 19 * HOUR_MS;
const CONTACT_MS = 20 * HOUR_MS;
const BACKUP_MS = 23 * HOUR_MS;
/** How long machines stay awake before somebody looks whether they are done. */
const LOOK_MS = 900;
/** What is put off for a moment after a sync is done by then. */
const AFTERWARDS_MS = 600;
const ATTEMPT_MS = 20_000;
const MOST_TRIES = 8;

/** What an office's week has been so far. */
interface Week {
  faults: number;
  /** On which enough commands were answered. */
  days: number;
}

/**
 * Weeks and months in the lives of offices: they sell in the hours of the shop, have contact every day or every few, are backed up
 * at night, and every one of them has bad luck at least once a week. In between machines rest, and time is skipped.
 */
export class Diary {
  /** Days that count, of all offices: see `COMMANDS_A_DAY`. */
  officeDays = 0;
  readonly #scene: Scene;
  readonly #season: Season;
  readonly #chance: Prng;
  readonly #strikes: Strikes;
  readonly #weeks = new Map<OfficeId, Week>();
  readonly #answeredBefore = new Map<OfficeId, number>();
  #number = 0;

  constructor(scene: Scene, season: Season, strikes: Strikes) {
    this.#scene = scene;
    this.#season = season;
    this.#chance = scene.world.chance('diary');
    this.#strikes = strikes;
  }

  begin(): void {
    this.#live(0);
  }

  #live(day: number): void {
    this.#scene.world.say('world', `day ${day + 1}`);
    for (const site of this.#scene.sites()) this.#plan(site, day);
    this.#scene.later(DAY_MS - 1, () => {
      this.#reckon(day);
      if (day + 1 < this.#season.days) this.#scene.later(1, () => this.#live(day + 1));
    });
  }

  #plan(site: Site, day: number): void {
    const moments = [...this.#planWork(site), ...this.#planContact(site)];
    this.#scene.later(BACKUP_MS + this.#chance.between(0, HOUR_MS / 2), () => this.#scene.backUp(site));
    const isLastChance = day % WEEK_DAYS === WEEK_DAYS - 1 && this.#weekOf(site.office).faults === 0;
    if (isLastChance || this.#chance.chance(this.#season.faultsAWeek / WEEK_DAYS))
      this.#scene.later(this.#unluckyMoment(moments), () => this.#strike(site));
    // Who had none in spite of that has one before the week ends.
    if (day % WEEK_DAYS === WEEK_DAYS - 1)
      this.#scene.later(LAST_CALL_MS, () => this.#weekOf(site.office).faults > 0 || this.#strike(site));
  }

  /** In shifts; whoever is behind at the end of the day catches up. */
  #planWork(site: Site): number[] {
    const { shifts, commandsADay } = this.#season;
    const { operators, oracle } = this.#scene;
    const shiftMs = (CLOSING_MS - OPENING_MS) / shifts;
    const times = Array.from({ length: shifts }, (_, at) =>
      Math.floor(OPENING_MS + (at + this.#chance.next()) * shiftMs),
    );
    for (const atMs of times)
      this.#scene.later(atMs, () => operators.workOff(site, Math.ceil(commandsADay / shifts)));
    this.#scene.later(LAST_CALL_MS, () => {
      const missing = COMMANDS_A_DAY - this.#answeredToday(oracle.answeredAt(site.office), site.office);
      if (missing > 0) operators.workOff(site, missing + 2);
    });
    return times;
  }

  #planContact(site: Site): number[] {
    if (site.role === 'head' || !this.#chance.chance(1 / this.#season.contactDays)) return [];
    const atMs = CONTACT_MS + this.#chance.between(0, this.#season.spreadMs);
    this.#scene.later(atMs, () => this.#meet(site, this.#scene.world.nowMs + this.#season.contactMs));
    return [atMs, atMs];
  }

  /** Mostly when something is going on that can be disturbed. */
  #unluckyMoment(moments: readonly number[]): number {
    if (this.#chance.chance(0.15)) return this.#chance.between(0, DAY_MS);
    return this.#chance.pick(moments) + this.#chance.exponential(1_500) - 500;
  }

  /** Until something has broken. */
  #strike(site: Site): void {
    const possible = FAULTS.filter((fault) => canHit(fault, site));
    const drawn = possible.filter(({ name }) => this.#scene.plan.faults.has(name));
    for (let tries = 1; tries <= MOST_TRIES && !site.isRemoved; tries++) {
      const fault = this.#chance.pick(drawn.length > 0 && tries < MOST_TRIES ? drawn : possible);
      const name = `${fault.name}.${(this.#number += 1)}`;
      const chance = this.#scene.world.chance(`strike ${name}`);
      const hasStruck = strike(this.#scene, this.#strikes, fault, name, chance, site);
      if (!hasStruck || HARMLESS.has(fault.name)) continue;
      this.#weekOf(site.office).faults += 1;
      return;
    }
  }

  // ---------------------------------------------------------------- contact

  /** Asks for a sync, again and again, until it is done or the time is over. */
  #meet(site: Site, untilMs: number): void {
    const { world } = this.#scene;
    if (site.isRemoved || world.nowMs >= untilMs) return this.#part(site);
    this.#connect(site);
    this.#scene.register(site.office);
    this.#keepAwake(site, LOOK_MS);
    let result: 'pending' | 'done' | 'failed' = site.branch === null ? 'failed' : 'pending';
    const { life } = site;
    site.branch?.now(ATTEMPT_MS).then(
      () => (result = 'done'),
      () => (result = 'failed'),
    );
    const look = (): void => {
      if (result === 'done') return this.#synced(site);
      if (result === 'failed' || site.life !== life || !site.isRunning)
        return this.#scene.later(this.#chance.exponential(10_000), () => this.#meet(site, untilMs));
      this.#keepAwake(site, LOOK_MS);
      this.#scene.later(LOOK_MS, look);
    };
    this.#scene.later(LOOK_MS, look);
  }

  #connect(site: Site): void {
    site.isInContact = true;
    if (!this.#season.dialsUp || !site.path.isCut) return;
    site.path.isCut = false;
    site.noticePath();
  }

  #keepAwake(site: Site, forMs: number): void {
    const untilMs = this.#scene.world.nowMs + forMs + 100;
    site.stayAwake(untilMs);
    this.#scene.head.stayAwake(untilMs);
  }

  /** Some stay for a while, and work while they are connected. */
  #synced(site: Site): void {
    this.#scene.caretaker.tendCopy(site, this.#chance.chance(0.3));
    if (!this.#chance.chance(this.#season.lingering)) return this.#part(site);
    const forMs = this.#chance.between(2_000, 30_000);
    this.#keepAwake(site, forMs);
    for (const where of [site, this.#scene.head])
      this.#scene.later(this.#chance.between(0, forMs), () =>
        this.#scene.operators.workOff(where, this.#chance.int(0, 3)),
      );
    this.#scene.later(forMs, () => this.#part(site));
  }

  #part(site: Site): void {
    site.isInContact = false;
    this.#keepAwake(site, AFTERWARDS_MS);
    if (!this.#season.dialsUp) return;
    this.#scene.later(AFTERWARDS_MS, () => {
      if (site.path.isCut || site.isInContact) return;
      site.path.isCut = true;
      site.noticePath();
    });
  }

  // ---------------------------------------------------------------- what counts

  /** Counts a week's days once it is over: those of an office that had a fault in it. A week that is cut short counts, too. */
  #reckon(day: number): void {
    const { oracle } = this.#scene;
    const offices = new Set(this.#scene.sites().map(({ office }) => office));
    for (const office of offices) {
      const answered = oracle.answeredAt(office);
      if (this.#answeredToday(answered, office) >= COMMANDS_A_DAY) this.#weekOf(office).days += 1;
      this.#answeredBefore.set(office, answered);
    }
    if ((day + 1) % WEEK_DAYS !== 0 && day + 1 !== this.#season.days) return;
    for (const { faults, days } of this.#weeks.values()) if (faults > 0) this.officeDays += days;
    this.#weeks.clear();
  }

  #answeredToday(answered: number, office: OfficeId): number {
    return answered - (this.#answeredBefore.get(office) ?? 0);
  }

  #weekOf(office: OfficeId): Week {
    const known = this.#weeks.get(office);
    if (known !== undefined) return known;
    const week = { faults: 0, days: 0 };
    this.#weeks.set(office, week);
    return week;
  }
}

function canHit({ hits }: Fault, { role }: Site): boolean {
  return hits === 'office' || hits === 'all' || hits === role;
}
