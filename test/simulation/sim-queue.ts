import type { Message } from './carry.ts';

/** An office's connection, as far as the broker knows it. */
export interface Line {
  drop(reason: string): void;
  /** The broker takes nothing more, or takes again. */
  block(isBlocked: boolean): void;
  /** Queues may have come to be. */
  lookAgain(): void;
  /** The broker may have come up. */
  lookForBroker(): void;
}

export interface Item {
  readonly number: number;
  readonly message: Message;
  /** What arrives instead: a body that was damaged on the way. */
  readonly damaged: Uint8Array | null;
  /** Deliveries of one lane are handled in order. */
  readonly lane: string;
  readonly sinceMs: number;
}

const PREFETCH = 50;

/** A consumer's side of a queue: how deliveries get to it. */
export interface Consumer {
  readonly line: Line;
  readonly inHand: Set<Item>;
  hand(item: Item): void;
}

export class SimQueue {
  readonly name: string;
  readonly ready: Item[] = [];
  readonly consumers: Consumer[] = [];
  /** Hands out nothing for now. */
  isHeld = false;
  #most = Infinity;

  constructor(name: string) {
    this.name = name;
  }

  push(item: Item): void {
    this.ready.push(item);
    this.handOut();
    this.#dropHead();
  }

  /** No more than so many may wait; the oldest go. */
  bound(most: number): void {
    this.#most = most;
    this.#dropHead();
  }

  #dropHead(): void {
    if (this.ready.length > this.#most) this.ready.splice(0, this.ready.length - this.#most);
  }

  /** What came since then was not safe. */
  forgetSince(ms: number): void {
    const kept = this.ready.filter(({ sinceMs }) => sinceMs < ms);
    this.ready.splice(0, this.ready.length, ...kept);
  }

  /** To each consumer in turn. */
  handOut(): void {
    while (!this.isHeld && this.handOutOne());
  }

  /** Also while it is held. Says whether there was anything, and somebody to take it. */
  handOutOne(): boolean {
    const free = this.consumers.find((consumer) => consumer.inHand.size < PREFETCH);
    const item = free && this.ready.shift();
    if (!free || !item) return false;
    free.inHand.add(item);
    free.hand(item);
    this.consumers.push(...this.consumers.splice(this.consumers.indexOf(free), 1));
    return true;
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
