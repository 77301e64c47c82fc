import type { OfficeId } from '../../domain/event.ts';
import type { Subscription } from '../../domain/sync/messages.ts';
import { streamsOf } from '../../mixins/link/streams.ts';
import type { Carry, Message } from './carry.ts';
import type { Prng } from './prng.ts';
import type { World } from './world.ts';

/** An office's connection, as far as the broker knows it. */
export interface Line {
  drop(reason: string): void;
  /** Queues may have come to be. */
  lookAgain(): void;
}

export interface Item {
  readonly number: number;
  readonly message: Message;
  /** Deliveries of one lane are handled in order. */
  readonly lane: string;
}

/** Where a message is to go. */
export type Route =
  | { readonly to: 'up'; readonly office: OfficeId }
  | { readonly to: 'control'; readonly office: OfficeId; readonly instance: string | undefined }
  | { readonly to: 'feed'; readonly stream: string };

/** How unreliable the broker is: what it confirms may be lost all the same, come twice, or be overtaken. */
export interface BrokerWeather {
  confirmedThenLost: number;
  doubled: number;
  late: number;
}

export const UP = 'up';
export const feedName = (office: OfficeId): string => `feed.${office}`;
export const controlName = (office: OfficeId, instance?: string): string =>
  instance === undefined ? `control.${office}` : `control.${office}.${instance}`;

const PREFETCH = 50;

/** A consumer's side of a queue: how deliveries get to it. */
export interface Consumer {
  readonly line: Line;
  readonly inHand: Set<Item>;
  hand(item: Item): void;
}

class SimQueue {
  readonly name: string;
  readonly ready: Item[] = [];
  readonly consumers: Consumer[] = [];

  constructor(name: string) {
    this.name = name;
  }

  push(item: Item): void {
    this.ready.push(item);
    this.handOut();
  }

  /** To each consumer in turn. */
  handOut(): void {
    for (;;) {
      const free = this.consumers.find((consumer) => consumer.inHand.size < PREFETCH);
      const item = free && this.ready.shift();
      if (!free || !item) return;
      free.inHand.add(item);
      free.hand(item);
      this.consumers.push(...this.consumers.splice(this.consumers.indexOf(free), 1));
    }
  }

  leave(consumer: Consumer): void {
    const at = this.consumers.indexOf(consumer);
    if (at < 0) return;
    this.consumers.splice(at, 1);
    this.ready.push(...consumer.inHand);
    this.ready.sort((a, b) => a.number - b.number);
    consumer.inHand.clear();
    this.handOut();
  }
}

/** RabbitMQ as the offices see it: durable queues, lines that break, and whatever the weather brings. */
export class SimBroker {
  readonly weather: BrokerWeather = { confirmedThenLost: 0, doubled: 0, late: 0 };
  readonly lines = new Set<Line>();
  readonly carry: Carry;
  readonly #world: World;
  readonly #chance: Prng;
  readonly #queues = new Map<string, SimQueue>();
  readonly #subscriptions = new Map<OfficeId, Subscription>();
  #isUp = true;
  #number = 0;

  constructor(world: World, carry: Carry) {
    this.#world = world;
    this.carry = carry;
    this.#chance = world.chance('broker');
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Every line breaks; what is queued stays queued, unless the disk is lost with it. */
  restart(downMs: number, isWiped: boolean): void {
    this.#world.say('broker', isWiped ? 'wiped' : 'restarted');
    this.#isUp = false;
    for (const line of [...this.lines]) line.drop('the broker went away');
    if (isWiped) this.#queues.clear();
    if (isWiped) this.#subscriptions.clear();
    this.#world.after(downMs, () => {
      this.#isUp = true;
    });
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

  /** Drops the oldest messages of a queue, as a bounded one does when it is full. */
  overflow(name: string): number {
    return this.#queues.get(name)?.ready.splice(0, 1 + this.#chance.int(0, 20)).length ?? 0;
  }

  declare(name: string): void {
    if (this.#queues.has(name)) return;
    this.#queues.set(name, new SimQueue(name));
    for (const line of this.lines) line.lookAgain();
  }

  declareFeed(office: OfficeId, subscribe: Subscription): void {
    this.#subscriptions.set(office, subscribe);
    this.declare(feedName(office));
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
    if (this.#chance.chance(this.weather.late)) return this.#pushLater(name, 'late', message, lane);
    this.#queues.get(name)!.push({ number: this.#number++, message, lane });
    if (this.#chance.chance(this.weather.doubled)) this.#pushLater(name, 'doubled', message, lane);
  }

  #pushLater(name: string, what: string, message: Message, lane: string): void {
    const laterMs = this.#chance.chance(0.3)
      ? this.#chance.exponential(20_000)
      : this.#chance.between(0, 200);
    this.#world.after(laterMs, () => {
      this.#world.say('broker', `${what} ${message.kind} of ${name}`);
      this.#queues.get(name)?.push({ number: this.#number++, message, lane });
    });
  }
}
