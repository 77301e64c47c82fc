import type { Command } from '../../domain/office/commands.ts';
import { dotName, type LoggedEvent, type OfficeId } from '../../domain/event.ts';
import { Acknowledgements } from './checkers/acknowledgements.ts';
import { flawsOfAlarm } from './checkers/alarms.ts';
import { checkCommit } from './checkers/commit.ts';
import { SecondEvents } from './checkers/second-events.ts';
import { Times } from './checkers/times.ts';
import { Endless } from './checkers/endless.ts';
import { FeedLives } from './checkers/feed-lives.ts';
import { checkGapFree } from './checkers/gap-free.ts';
import { checkRetired } from './checkers/retired.ts';
import { TakenUp } from './checkers/taken-up.ts';
import { Tellings } from './checkers/tellings.ts';
import type { EventRow } from '../../mixins/store/store.ts';
import type { DiskCommit, MemoryDisk } from './memory-store.ts';
import type { Site } from './site.ts';
import type { SimBroker } from './sim-broker.ts';
import type { Witness } from './sim-link.ts';
import { Whereabouts } from './whereabouts.ts';
import { wordsOf } from './words.ts';
import type { World } from './world.ts';

/** One thing that an operator wanted, however often it was tried. */
export interface Operation {
  readonly number: number;
  readonly site: Site;
  readonly command: Command;
  readonly key: string | null;
  /** Who wants it: see `operationNamedBy`. */
  readonly actor: string;
  state: 'pending' | 'answered' | 'refused' | 'unknown';
  askedAtMs: number;
  tries: number;
  /** Id of the event that it was answered with. */
  answer: string | null;
  life: number;
}

/** An event that an operator was told is in the log. */
export interface Fact {
  readonly office: OfficeId;
  readonly logged: LoggedEvent;
  readonly operation: Operation;
  /** Every disk that held it was destroyed before anybody else had it: it may be gone. */
  isExcused: boolean;
}

/** Knows what was promised, and to whom, and sees everything that the offices commit and say. */
export class Oracle {
  readonly operations: Operation[] = [];
  readonly facts = new Map<string, Fact>();
  readonly alarms = new Map<string, number>();
  readonly sites: Site[] = [];
  readonly tellings = new Tellings();
  readonly #world: World;
  readonly #answers = new Map<OfficeId, number>();
  readonly whereabouts = new Whereabouts(this.sites);
  readonly #acknowledgements = new Acknowledgements();
  readonly #feedLives = new FeedLives();
  readonly #endless = new Endless();
  readonly #takenUp = new TakenUp();
  #broker: SimBroker | null = null;
  readonly #times = new Times();
  readonly #seconds = new SecondEvents();
  #violation: string | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  get violation(): string | null {
    return this.#violation;
  }

  /** The first one is the one that counts. */
  violated(what: string): void {
    this.#world.say('oracle', `VIOLATED ${what}`);
    this.#violation ??= what;
  }

  /** A site has a disk: everything that is committed there is seen from now on. */
  watch(site: Site): void {
    if (!this.sites.includes(site)) this.sites.push(site);
    const { disk } = site;
    const rows = [...disk.tables.events.rows.values()];
    if (disk.role === 'head') this.#acknowledgements.headHas(disk, rows);
    for (const row of rows) this.whereabouts.note(site, row);
    disk.onCommit = (commit) => this.#committed(site, disk, commit);
  }

  witness(site: Site): Witness {
    return {
      sent: (message, to) => {
        this.#world.say(site.name, `-> ${to}: ${wordsOf(message)}`);
        const claimed =
          message.kind === 'ack' ? message.at : message.kind === 'welcome' ? message.cursor : null;
        if (claimed !== null) this.#judge(site, this.#acknowledgements.flawsOfClaim(site.disk, to, claimed));
      },
      received: (message) => this.#world.say(site.name, `<- ${wordsOf(message)}`),
    };
  }

  alarm(site: Site, type: string, detail: string): void {
    this.#world.say(site.name, `alarm ${type}: ${detail}`);
    this.alarms.set(type, (this.alarms.get(type) ?? 0) + 1);
    if (type === 'head-restored') this.#judge(site, this.#feedLives.flawsOfBeginning());
    const wasTamperedWith = this.#broker?.wasTamperedWith ?? false;
    for (const flaw of flawsOfAlarm(site, { type, detail }, wasTamperedWith)) this.violated(flaw);
  }

  #judge({ name }: Site, flaws: readonly string[]): void {
    for (const flaw of flaws) this.violated(`${name}: ${flaw}`);
  }

  /** A site gets an older disk than the one it has. */
  restores(site: Site, backup: MemoryDisk): void {
    if (site.role !== 'head') return;
    this.#feedLives.restored(site.disk, backup);
    this.#acknowledgements.headRestored(site.disk, backup);
  }

  /** Whether there ever were two copies of an office. */
  wasCopied(office: OfficeId): boolean {
    return this.sites.filter((site) => site.office === office).length > 1;
  }

  /** The broker that may be tampered with. */
  expects(broker: SimBroker): void {
    this.#broker = broker;
  }

  /** How many commands of an office were answered so far. */
  answeredAt(office: OfficeId): number {
    return this.#answers.get(office) ?? 0;
  }

  answered(operation: Operation, logged: LoggedEvent | null): void {
    const at = operation.site.office;
    if (operation.state !== 'answered') this.#answers.set(at, this.answeredAt(at) + 1);
    operation.state = 'answered';
    if (logged === null) {
      if (operation.command.type === 'record')
        this.violated(`operation ${operation.number} recorded nothing`);
      return;
    }
    const { office } = operation.site;
    if (operation.answer !== null && operation.answer !== logged.event.id)
      this.violated(`operation ${operation.number} was answered with two events`);
    operation.answer = logged.event.id;
    const name = factName(office, logged.event.id);
    const known = this.facts.get(name);
    const fact = { office, logged, operation, isExcused: false };
    if (known === undefined || known.isExcused) this.facts.set(name, fact);
    else if (known.operation !== operation)
      this.violated(`two operations were answered with the event ${name}`);
    else this.#answeredAgain(fact);
    this.#world.say(operation.site.name, `answered ${operation.number} with ${dotName(logged.event)}`);
  }

  #answeredAgain(fact: Fact): void {
    const { office, logged } = fact;
    const event = this.#seconds.inTheEnd(logged);
    if (event.id !== logged.event.id)
      this.facts.set(factName(office, event.id), { ...fact, logged: { ...logged, event } });
  }

  /**
   * What would be lost if this site got that disk: null when the promises do not allow it (somebody else had been
   * told of an event that nobody would hold any more), otherwise the facts that are gone with the old disk.
   */
  lostBy(site: Site, disk: MemoryDisk): Fact[] | null {
    const disks = this.sites.filter(({ isRemoved }) => !isRemoved).map((one) => one.disk);
    if (this.#seconds.areUnrepairedOn(disks)) return null;
    const { events } = disk.tables;
    const lost = site.disk.tables.events
      .inOrder()
      .filter((row) => !events.holdsRow(row))
      .map(({ event }) => ({ office: event.office, id: event.id }))
      .filter(({ office, id }) => this.whereabouts.isLostBy(office, id, site, disk));
    if (lost.some(({ office, id }) => this.whereabouts.hadLeft(office, id))) return null;
    return lost.flatMap(({ office, id }) => this.facts.get(factName(office, id)) ?? []);
  }

  #committed(site: Site, disk: MemoryDisk, commit: DiskCommit): void {
    if (disk.role === 'head') this.#acknowledgements.headHas(disk, commit.inserted);
    else this.#judge(site, this.#acknowledgements.flawsOfCommit(disk, commit));
    if (disk.role === 'head') this.#judge(site, this.#endless.flawsOf(commit));
    for (const row of commit.inserted) this.whereabouts.note(site, row);
    for (const row of commit.inserted) this.#noteSeen(site, row, commit);
    if (commit.inserted.length > 0) {
      const dots = commit.inserted.map(
        (row) => `${dotName(row.event)}${row.status === 'applied' ? '' : ` ${row.status}`}`,
      );
      const gone = commit.displaced.map((row) => dotName(row.event)).join(' ');
      this.#world.say(site.name, `commits ${dots.join(' ')}${gone === '' ? '' : `, displacing ${gone}`}`);
    }
    this.#judge(site, this.#times.flawsOf([site, ...this.#siblingsOf(site)], disk, commit));
    this.#judge(site, [...checkCommit(disk, commit), ...this.#takenUp.flawsOfCommit(site, disk, commit)]);
    this.#judge(site, [...checkGapFree(disk, commit), ...checkRetired(disk, commit)]);
  }

  /**
   * At its first writing, and when a restored office is asked again; a repair, or an adoption, which writes again what
   * others held of the office, changes nothing about it. A head that was restored before anybody had it writes another
   * event under the id of a command that is asked again.
   */
  #noteSeen(site: Site, row: EventRow, { displaced }: DiskCommit): void {
    const { event, position } = row;
    if (event.office !== site.office) return;
    if (displaced.length === 0) this.#noteSecond(site, row);
    const name = this.#nameOf(row);
    const isCopied = () =>
      this.#siblingsOf(site).some(({ disk }) => disk.tables.events.holds(event.office, event.id));
    const isRepaired = () =>
      this.#seconds.isRenamed(row) ||
      displaced.some((one) => this.#nameOf(one) === name) ||
      this.whereabouts.hadLeft(event.office, this.#seconds.idOf(row)) ||
      isCopied();
    const isOld = this.tellings.has(name) && isRepaired();
    if (isOld && (displaced.length > 0 || isCopied() || this.whereabouts.isElsewhere(site, row))) return;
    const known = site.disk.tables.events.ofEntity(event).filter(({ status }) => status === 'applied');
    const before = known.filter((one) => one.position < position);
    const seen = new Set(before.map((one) => this.#nameOf(one)));
    if (isOld) this.tellings.addAnother(name, seen);
    else this.tellings.begin(name, seen);
  }

  #noteSecond({ role }: Site, row: EventRow): void {
    const first = this.facts.get(factName(row.event.office, row.event.id));
    if (role !== 'branch' || first === undefined || first.isExcused) return;
    this.#seconds.note(first.logged.event, row);
  }

  #nameOf(logged: LoggedEvent): string {
    return factName(logged.event.office, this.#seconds.idOf(logged));
  }

  #siblingsOf(site: Site): Site[] {
    return this.sites.filter((other) => other !== site && other.office === site.office);
  }
}

const ACTOR = /^operator (?<number>\d+) of /;

/** Whoever counts says which operation it is, so that it is known by every event that comes of it. */
export function actorOf(number: number, site: string): string {
  return `operator ${number} of ${site}`;
}

/** The number of the operation that an actor carried out; null when he did not say. */
export function operationNamedBy(actor: string): number | null {
  const { number } = ACTOR.exec(actor)?.groups ?? {};
  return number === undefined ? null : Number(number);
}

export function factName(office: OfficeId, id: string): string {
  return `${office}/${id}`;
}
