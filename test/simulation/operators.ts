import { sales } from '../../domain/datasets/sales.ts';
import { errorType, isTransient } from '../../domain/errors.ts';
import { type EntityKey, entityKeyOf, type OfficeId } from '../../domain/event.ts';
import type { Command } from '../../domain/office/commands.ts';
import { Counters } from './counters.ts';
import { flawsOfRefusal, flawsOfSilence, PATIENCE_MS } from './checkers/can-append.ts';
import { type Bench, ruleByHand } from './judge.ts';
import { actorOf, type Operation, type Oracle } from './oracle.ts';
import type { Prng } from './prng.ts';
import type { Site } from './site.ts';
import { Strangers } from './strangers.ts';
import { type Habits, Wishes } from './wishes.ts';
import type { World } from './world.ts';

/** Of those that bear a key. */
const ANSWERS_LOST = 0.1;
/** How long the machine stays awake for an answer before somebody looks again. */
const ATTENTION_MS = 1_000;

/** The people at the counters: they sell, correct, void, and try again when they got no answer. */
export class Operators {
  readonly #world: World;
  readonly #oracle: Oracle;
  readonly #chance: Prng;
  readonly #habits: Habits;
  readonly #wishes: Wishes;
  readonly #counting: Prng;
  readonly #counters: Counters;
  readonly #pending = new Set<Operation>();
  readonly #attended = new Set<Site>();
  #isOpen = true;

  constructor(world: World, oracle: Oracle, habits: Habits) {
    this.#world = world;
    this.#oracle = oracle;
    this.#habits = habits;
    this.#chance = world.chance('operators');
    this.#wishes = new Wishes(oracle, habits, this.#chance);
    this.#counting = world.chance('counting');
    this.#counters = new Counters(world.chance('counters'));
  }

  /** Opens a shop, in which people work all the time. */
  open(site: Site): void {
    this.workAt(site);
    if (!this.#chance.chance(this.#habits.imports)) return;
    this.#world.after(this.#chance.between(5_000, 300_000), () => {
      for (let i = this.#chance.int(100, 800); i > 0 && this.#isOpen; i--)
        this.#ask(this.#operation(site, null, this.#wishes.sale(this.#wishes.scopeFor(site))));
    });
  }

  /** Goes on working at a site, until the shops close. */
  workAt(site: Site): void {
    this.#world.after(this.#chance.exponential(this.#habits.commandMs), () => {
      if (!this.#isOpen || site.isRemoved) return;
      const count = this.#chance.chance(this.#habits.bursts) ? this.#chance.int(2, 8) : 1;
      for (let i = 0; i < count; i++) this.#work(site);
      this.workAt(site);
    });
  }

  /** Somebody sells where he may not: it is refused, whatever the weather. */
  trespass(site: Site, scope: string): void {
    const key = { dataset: sales.name, scope, entityId: `sale-${this.#chance.hex(8)}` };
    const command: Command = { type: 'record', ...key, fields: this.#wishes.allFields() };
    site.ledger?.submit({ command, actor: `operator of ${site.name}` }).then(
      () => this.#oracle.violated(`${site.name} wrote what belongs to ${scope}`),
      (error: unknown) => {
        const isRefused = errorType(error) === 'not-your-scope' || isTransient(error);
        const isFenced = errorType(error) === 'office-fenced';
        if (!isRefused && !isFenced) this.#oracle.violated(`a trespasser saw ${String(error)}`);
      },
    );
  }

  /** So many commands at once. */
  workOff(site: Site, commands: number): void {
    for (let i = 0; i < commands && this.#isOpen; i++) this.#work(site);
  }

  close(): void {
    this.#isOpen = false;
  }

  /** A sale of this office that the other one has, too. */
  saleKnownTo(site: Site, other: Site): EntityKey | null {
    return this.#wishes.saleKnownTo(site, other);
  }

  /** Somebody changes one of the office's sales that are there. */
  correct(site: Site): void {
    const sale = this.saleKnownTo(site, site);
    if (sale !== null) this.change(site, sale);
  }

  /** Somebody changes a sale of which events wait for others, if there is one. */
  changeWhatWaits(site: Site): void {
    if (site.disk.reads.logRow().waiting === 0) return;
    const isTheirs = ({ dataset, scope }: EntityKey) =>
      dataset === sales.name && (site.role === 'head' || scope === site.office);
    const waiting = site.disk.reads.waiting(0, 10).filter((row) => !Strangers.isTheirs(row) && isTheirs(row));
    if (waiting.length > 0) this.change(site, entityKeyOf(this.#chance.pick(waiting)));
  }

  /** A till that has no answer yet asks for something again that this office has forgotten, and the head has not. */
  askForForgotten(site: Site, head: Site): void {
    const forgotten = this.#oracle.operations.filter(
      (operation) =>
        operation.site === site &&
        operation.key !== null &&
        operation.state === 'answered' &&
        !holdsAnswer(site, operation) &&
        holdsAnswer(head, operation),
    );
    if (forgotten.length > 0) this.#ask(this.#chance.pick(forgotten));
  }

  /** Somebody changes or voids this sale. */
  change(site: Site, sale: EntityKey): void {
    const command: Command = this.#chance.chance(0.3)
      ? { type: 'void', ...sale, reason: 'a slip' }
      : { type: 'amend', ...sale, fields: this.#wishes.someFields(site) };
    this.#ask(this.#operation(site, null, command));
  }

  /** What both sides have set is for a person to settle. */
  setPrice(site: Site, sale: EntityKey): void {
    const { cost } = this.#wishes.allFields();
    this.#ask(this.#operation(site, null, { type: 'amend', ...sale, fields: { cost } }));
  }

  /** Somebody writes down anew what he knows of a sale. */
  writeAnew(site: Site, sale: EntityKey): void {
    this.#ask(this.#operation(site, null, { type: 'amend', ...sale, fields: this.#wishes.allFields() }));
  }

  /** Somebody at the head looks at what is open about this sale. */
  ruleOn({ ledger }: Site, sale: EntityKey): void {
    if (ledger !== null) void ruleByHand(ledger, this.#bench(), sale);
  }

  /** Nobody goes home before he has an answer. */
  #attend(site: Site): void {
    if (!site.rests || this.#attended.has(site)) return;
    this.#attended.add(site);
    site.stayAwake(this.#world.nowMs + ATTENTION_MS + 100);
    this.#world.after(ATTENTION_MS, () => {
      this.#attended.delete(site);
      if ([...this.#pending].some((operation) => operation.site === site)) this.#attend(site);
    });
  }

  #work(site: Site): void {
    if (site.ledger === null) return;
    if (site.role === 'head' && this.#chance.chance(0.15)) {
      void ruleByHand(site.ledger, this.#bench());
      return;
    }
    const key = this.#chance.chance(this.#habits.keyed) ? this.#chance.hex(12) : null;
    this.#ask(this.#operation(site, key, this.#wishes.anything(site)));
    if (this.#habits.counts > 0 && this.#counting.chance(this.#habits.counts)) this.#count(site);
  }

  #count(site: Site): void {
    const scope = site.role === 'branch' ? site.office : this.#counting.pick(this.#scopes());
    const command = this.#counters.anything(site, scope);
    if (command === null) return;
    const key = this.#counting.chance(this.#habits.keyed) ? this.#counting.hex(12) : null;
    this.#ask(this.#operation(site, key, command, (number) => actorOf(number, site.name)));
  }

  /** Where something can be counted. */
  #scopes(): OfficeId[] {
    return [...new Set(this.#oracle.sites.map(({ office }) => office))];
  }

  #bench(): Bench {
    return {
      world: this.#world,
      oracle: this.#oracle,
      chance: this.#chance,
      isOpen: () => this.#isOpen,
      anything: () => this.#wishes.allFields(),
      change: (site, sale) => this.change(site, sale),
    };
  }

  #operation(
    site: Site,
    key: string | null,
    command: Command,
    actor = (_number: number): string => `operator of ${site.name}`,
  ): Operation {
    const number = this.#oracle.operations.length + 1;
    const operation: Operation = {
      number,
      site,
      command,
      key,
      actor: actor(number),
      state: 'pending',
      askedAtMs: 0,
      tries: 0,
      answer: null,
      life: 0,
    };
    this.#oracle.operations.push(operation);
    return operation;
  }

  #ask(operation: Operation): void {
    const { site, command, key, number, actor } = operation;
    const { ledger } = site;
    if (ledger === null) return this.#tryLater(operation);
    operation.state = 'pending';
    operation.askedAtMs = this.#world.nowMs;
    operation.tries += 1;
    operation.life = site.life;
    this.#pending.add(operation);
    this.#attend(site);
    this.#world.say(site.name, `asked ${number}: ${command.type} ${command.scope}/${command.entityId}`);
    const idempotency = key === null ? {} : { idempotency: { key, request: JSON.stringify(command) } };
    const { askedAtMs } = operation;
    const loseThePatience = this.#world.after(PATIENCE_MS + this.#chance.between(0, 30_000), () => {
      this.#pending.delete(operation);
      if (operation.askedAtMs === askedAtMs) this.#tryAgainIfSilent(operation);
    });
    const settled = (): void => {
      loseThePatience();
      if (operation.askedAtMs === askedAtMs) this.#pending.delete(operation);
    };
    ledger.submit({ command, actor, ...idempotency }).then(
      ({ logged }) => {
        settled();
        this.#oracle.answered(operation, logged);
        this.#askAgain(operation);
      },
      (error: unknown) => (settled(), this.#refused(operation, error)),
    );
  }

  /** The answer was lost on its way to the counter, now and then: who asks once more gets it again. */
  #askAgain(operation: Operation): void {
    const { site, key, tries } = operation;
    const { disk } = site;
    if (key === null || tries > 2 || !this.#chance.chance(ANSWERS_LOST)) return;
    this.#world.after(this.#chance.between(100, 20_000), () => {
      const isSame = site.disk === disk && !site.isRemoved; // a restored office has to get its own events back first
      if (isSame && this.#isOpen && operation.state === 'answered') this.#ask(operation);
    });
  }

  #refused(operation: Operation, error: unknown): void {
    const type = errorType(error);
    this.#world.say(operation.site.name, `refused ${operation.number}: ${type}`);
    operation.state = isTransient(error) ? 'unknown' : 'refused';
    // Nobody else has its id: it is there because this operation was carried out, so its first answer was due.
    if (type === 'already-exists') this.#oracle.violated(`operation ${operation.number} met itself`);
    const wasCopied = this.#oracle.wasCopied(operation.site.office);
    for (const flaw of flawsOfRefusal(operation, error, wasCopied)) this.#oracle.violated(flaw);
    if (operation.state === 'unknown') this.#tryLater(operation);
  }

  #tryAgainIfSilent(operation: Operation): void {
    if (operation.state !== 'pending') return;
    for (const flaw of flawsOfSilence(operation)) this.#oracle.violated(flaw);
    operation.state = 'unknown';
    this.#tryLater(operation);
  }

  /** Only what bears a key may safely be asked again. */
  #tryLater(operation: Operation): void {
    if (operation.key === null || !this.#isOpen || this.#chance.chance(0.3)) return;
    this.#world.after(this.#chance.between(500, 20_000), () => {
      if (this.#isOpen && operation.state === 'unknown' && !operation.site.isRemoved) this.#ask(operation);
    });
  }
}

function holdsAnswer({ disk }: Site, { site, answer }: Operation): boolean {
  return answer !== null && disk.tables.events.holds(site.office, answer);
}
