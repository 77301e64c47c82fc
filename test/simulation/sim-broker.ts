import type { OfficeId } from '../../domain/event.ts';
import type { Subscription } from '../../domain/sync/messages.ts';
import { streamsOf } from '../../mixins/link/streams.ts';
import { damagedBody, tamperedWith } from './damage.ts';
import type { Carry, Message } from './carry.ts';
import type { Prng } from './prng.ts';
import { type Consumer, type Item, type Line, SimQueue } from './sim-queue.ts';
import type { World } from './world.ts';

/** Where a message is to go. */
export type Route =
  | { readonly to: 'up'; readonly office: OfficeId }
  | { readonly to: 'control'; readonly office: OfficeId; readonly instance: string | undefined }
  | { readonly to: 'feed'; readonly stream: string };

/** What takes another way for a while. */
interface Diverted {
  readonly untilMs: number;
  readonly items: { readonly name: string; readonly item: Item }[];
}

/** How unreliable the broker is: what it confirms may be lost all the same, come twice, or be overtaken. */
export interface BrokerWeather {
  confirmedThenLost: number;
  doubled: number;
  late: number;
  /** Bytes are changed or missing. */
  corrupted: number;
  /** Somebody changes what is in a batch, or its order, and leaves the rest as it was. */
  tampered: number;
}

const TRICKLED_MS = 60_000;
const FAIR: BrokerWeather = { confirmedThenLost: 0, doubled: 0, late: 0, corrupted: 0, tampered: 0 };
/** What a machine that goes dark may lose, whatever it has confirmed. */
const UNSAFE_MS = 500;

export const UP = 'up';
export const feedName = (office: OfficeId): string => `feed.${office}`;
export const controlName = (office: OfficeId, instance?: string): string =>
  instance === undefined ? `control.${office}` : `control.${office}.${instance}`;

/** RabbitMQ as the offices see it: durable queues, lines that break, and whatever the weather brings. */
export class SimBroker {
  readonly weather: BrokerWeather = { ...FAIR };
  /** Whether anybody has tampered with what it carries, ever. */
  wasTamperedWith = false;
  readonly lines = new Set<Line>();
  readonly carry: Carry;
  readonly #world: World;
  readonly #chance: Prng;
  readonly #queues = new Map<string, SimQueue>();
  readonly #subscriptions = new Map<OfficeId, Subscription>();
  /** Most messages that an office's feed queue may keep. */
  readonly #feedBounds = new Map<OfficeId, number>();
  readonly #diverted = new Map<OfficeId, Diverted>();
  #isUp = true;
  #isBlocked = false;
  #number = 0;

  constructor(world: World, carry: Carry) {
    this.#world = world;
    this.carry = carry;
    this.#chance = world.chance('broker');
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** All its faults off. */
  calmDown(): void {
    Object.assign(this.weather, FAIR);
    this.#diverted.clear();
    for (const office of [...this.#feedBounds.keys()]) this.boundFeed(office, Infinity);
    this.#unblock();
    for (const queue of this.#queues.values()) this.#release(queue);
  }

  /** Every line breaks; what is queued stays queued, unless the disk is lost with it, or the newest of it with the power. */
  restart(downMs: number, how: 'restarted' | 'wiped' | 'dark'): void {
    this.#world.say('broker', how);
    this.#isUp = false;
    this.#isBlocked = false;
    for (const line of [...this.lines]) line.drop('the broker went away');
    if (how === 'wiped') this.#queues.clear();
    if (how === 'wiped') this.#subscriptions.clear();
    if (how === 'dark')
      for (const queue of this.#queues.values()) queue.forgetSince(this.#world.nowMs - UNSAFE_MS);
    this.#world.after(downMs, () => {
      this.#isUp = true;
      for (const line of [...this.lines]) line.lookForBroker();
    });
  }

  block(forMs: number): void {
    this.#world.say('broker', `blocked for ${Math.round(forMs)} ms`);
    this.#isBlocked = true;
    for (const line of [...this.lines]) line.block(true);
    this.#world.after(forMs, () => this.#unblock());
  }

  #unblock(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.#world.say('broker', 'not blocked any more');
    for (const line of [...this.lines]) line.block(false);
  }

  boundFeed(office: OfficeId, most: number): void {
    this.#feedBounds.set(office, most);
    this.#queues.get(feedName(office))?.bound(most);
  }

  /** Answers to an office wait in its queues for a while. */
  holdAnswers(office: OfficeId, forMs: number): void {
    const held = [...this.#queues.values()].filter(({ name }) => `${name}.`.startsWith(`control.${office}.`));
    for (const queue of held) queue.isHeld = true;
    this.#world.after(forMs, () => held.forEach((queue) => this.#release(queue)));
  }

  /** The feed of an office waits in its queue for a while, and then comes one run after another. */
  trickleFeed(office: OfficeId, forMs: number, everyMs: number): void {
    const queue = this.#queues.get(feedName(office));
    if (queue === undefined) return;
    queue.isHeld = true;
    const untilMs = this.#world.nowMs + forMs + TRICKLED_MS; // nobody may take it for days
    const next = (): void => {
      if (!queue.isHeld || this.#queues.get(feedName(office)) !== queue) return;
      if (queue.ready.length === 0 || this.#world.nowMs >= untilMs) return this.#release(queue);
      queue.handOutOne();
      this.#world.after(everyMs, next);
    };
    this.#world.after(forMs, next);
  }

  /**
   * What is sent to an office for so long takes another way, and comes later: just when the office is welcomed anew,
   * where it can do most harm, and `laterMs` after that at the latest.
   */
  divert(office: OfficeId, forMs: number, laterMs: number): void {
    const diverted = { untilMs: this.#world.nowMs + forMs, items: [] };
    this.#diverted.set(office, diverted);
    this.#world.after(forMs + laterMs, () => this.#arriveDiverted(diverted));
  }

  #arriveDiverted({ items }: Diverted): void {
    for (const { name, item } of items.splice(0)) this.#pushLater(name, 'diverted', item, 0);
  }

  #release(queue: SimQueue): void {
    queue.isHeld = false;
    queue.handOut();
  }

  /** A person, or a policy, deletes a queue that is in use. */
  deleteQueue(name: string): boolean {
    const queue = this.#queues.get(name);
    if (queue === undefined) return false;
    this.#queues.delete(name);
    if (name.startsWith('feed.')) this.#subscriptions.delete(name.slice('feed.'.length));
    for (const { line } of [...queue.consumers]) line.drop(`queue ${name} is gone`);
    return true;
  }

  declare(name: string): void {
    if (this.#queues.has(name)) return;
    this.#queues.set(name, new SimQueue(name));
    for (const line of this.lines) line.lookAgain();
  }

  declareFeed(office: OfficeId, subscribe: Subscription): void {
    this.#subscriptions.set(office, subscribe);
    this.declare(feedName(office));
    this.boundFeed(office, this.#feedBounds.get(office) ?? Infinity);
  }

  remove(office: OfficeId): void {
    this.deleteQueue(feedName(office));
    this.deleteQueue(controlName(office));
  }

  /** False when no queue takes it. */
  accept(route: Route, message: Message): boolean {
    const names = this.#routed(route);
    const isFeed = route.to === 'feed';
    if (names.length === 0) return isFeed;
    const lane = route.to === 'up' ? route.office : '';
    for (const name of names) this.#enqueue(name, message, lane);
    return true;
  }

  /** What waits in each queue. */
  waiting(): { name: string; count: number; isConsumed: boolean }[] {
    return [...this.#queues.values()].map(({ name, ready, consumers }) => ({
      name,
      count: ready.length,
      isConsumed: consumers.length > 0,
    }));
  }

  consume(name: string, consumer: Consumer): boolean {
    const queue = this.#queues.get(name);
    if (queue === undefined) return false;
    queue.consumers.push(consumer);
    queue.handOut();
    return true;
  }

  leave(name: string, consumer: Consumer): void {
    this.#queues.get(name)?.leave(consumer);
  }

  acknowledged(name: string, consumer: Consumer, item: Item): void {
    consumer.inHand.delete(item);
    this.#queues.get(name)?.handOut();
  }

  #routed(route: Route): string[] {
    switch (route.to) {
      case 'up':
        return this.#queues.has(UP) ? [UP] : [];
      case 'control': {
        const name = controlName(route.office, route.instance);
        return this.#queues.has(name) ? [name] : [];
      }
      case 'feed':
        return [...this.#subscriptions]
          .filter(([office, subscribe]) => streamsOf(office, subscribe).includes(route.stream))
          .map(([office]) => feedName(office))
          .filter((name) => this.#queues.has(name));
    }
  }

  #enqueue(name: string, message: Message, lane: string): void {
    if (this.#chance.chance(this.weather.confirmedThenLost)) {
      this.#world.say('broker', `lost ${message.kind} of ${name}`);
      return;
    }
    const item = this.#itemOf(message, lane);
    if (this.#isDiverted(name, item)) return;
    if (this.#chance.chance(this.weather.late)) return this.#pushLater(name, 'late', item);
    this.#queues.get(name)!.push(item);
    if (this.#chance.chance(this.weather.doubled)) this.#pushLater(name, 'doubled', item);
  }

  #isDiverted(name: string, item: Item): boolean {
    const diverted = this.#diverted.get(name.split('.')[1] ?? '');
    if (diverted === undefined) return false;
    const isOver = this.#world.nowMs >= diverted.untilMs;
    if (!isOver) diverted.items.push({ name, item });
    else if (item.message.kind === 'welcome')
      this.#world.after(this.#chance.between(0, 500), () => this.#arriveDiverted(diverted));
    return !isOver;
  }

  #itemOf(sent: Message, lane: string): Item {
    const { corrupted, tampered } = this.weather;
    const isTampered = this.#chance.chance(tampered);
    const message = isTampered ? tamperedWith(sent, this.#chance) : sent;
    if (message !== sent) {
      this.wasTamperedWith = true;
      this.#world.say('broker', `somebody tampers with a ${message.kind}`);
    }
    const damaged = this.#chance.chance(corrupted) ? damagedBody(message, this.#chance) : null;
    return { number: this.#number++, message, damaged, lane, sinceMs: this.#world.nowMs };
  }

  #pushLater(name: string, what: string, item: Item, laterMs = this.#delay()): void {
    this.#world.after(laterMs, () => {
      this.#world.say('broker', `${what} ${item.message.kind} of ${name}`);
      this.#queues.get(name)?.push({ ...item, number: this.#number++, sinceMs: this.#world.nowMs });
    });
  }

  #delay(): number {
    return this.#chance.chance(0.3) ? this.#chance.exponential(20_000) : this.#chance.between(0, 200);
  }
}
