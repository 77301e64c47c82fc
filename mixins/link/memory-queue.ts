import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery, Outcome } from './intake.ts';

export interface MemoryQueueOptions {
  readonly maxBytes: number;
  /** What a full queue does: refuse the new message, or lose the oldest that waits. */
  readonly whenFull: 'refuse' | 'drop-oldest';
}

interface Item {
  readonly body: Uint8Array;
  readonly lane: string;
}

/** Deliveries that a consumer may have in hand, as a broker's prefetch. */
const PREFETCH = 50;

/** A broker's queue in this process: in order, bounded, and what a consumer leaves goes to the next one. */
export class MemoryQueue {
  readonly #options: MemoryQueueOptions;
  readonly #ready: Item[] = [];
  readonly #consumers: MemoryConsumer[] = [];
  #readyBytes = 0;

  constructor(options: MemoryQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#ready.length;
  }

  /** False when the queue is full and refuses. */
  push(item: Item): boolean {
    const { maxBytes, whenFull } = this.#options;
    const isFull = this.#readyBytes + item.body.length > maxBytes;
    if (isFull && whenFull === 'refuse') return false;
    this.#ready.push(item);
    this.#readyBytes += item.body.length;
    while (this.#readyBytes > maxBytes && this.#ready.length > 1) this.#take();
    this.#handOut();
    return true;
  }

  /** Deliveries begin in a later turn of the event loop. Returns the end of the consumer, which gives back what it left. */
  consume(accept: (delivery: Delivery) => void): MemoryConsumer {
    const consumer = new MemoryConsumer(accept, {
      wantsMore: () => this.#handOut(),
      leaves: (items) => this.#giveBack(consumer, items),
    });
    this.#consumers.push(consumer);
    this.#handOut();
    return consumer;
  }

  #take(): Item {
    const item = this.#ready.shift()!;
    this.#readyBytes -= item.body.length;
    return item;
  }

  /** To each consumer in turn. */
  #handOut(): void {
    for (let free = this.#nextFree(); free && this.#ready.length > 0; free = this.#nextFree()) {
      free.hand(this.#take());
      this.#consumers.push(...this.#consumers.splice(this.#consumers.indexOf(free), 1));
    }
  }

  #nextFree(): MemoryConsumer | undefined {
    return this.#consumers.find((consumer) => consumer.isFree);
  }

  #giveBack(consumer: MemoryConsumer, items: readonly Item[]): void {
    this.#consumers.splice(this.#consumers.indexOf(consumer), 1);
    this.#ready.unshift(...items);
    this.#readyBytes += items.reduce((sum, { body }) => sum + body.length, 0);
    this.#handOut();
  }
}

interface ConsumerOwner {
  wantsMore(): void;
  leaves(items: readonly Item[]): void;
}

export class MemoryConsumer {
  readonly #accept: (delivery: Delivery) => void;
  readonly #owner: ConsumerOwner;
  readonly #inHand = new Set<Item>();
  readonly #ended = new AbortController();
  #left = false;
  readonly #settled = Promise.withResolvers<void>();
  #unsettled = 0;

  constructor(accept: (delivery: Delivery) => void, owner: ConsumerOwner) {
    this.#accept = accept;
    this.#owner = owner;
  }

  get isFree(): boolean {
    return !this.#ended.signal.aborted && this.#inHand.size < PREFETCH;
  }

  hand(item: Item): void {
    this.#inHand.add(item);
    this.#unsettled++;
    const settle = (outcome: Outcome): void => this.#settle(item, outcome);
    setImmediate(() => this.#accept({ body: item.body, lane: item.lane, ended: this.#ended.signal, settle }));
  }

  /** Nothing more is begun; resolves when what has begun is settled, and the rest is given back. */
  stop(): Promise<void> {
    this.#ended.abort();
    if (this.#unsettled === 0) this.#settled.resolve();
    return this.#settled.promise.then(() => this.#leave());
  }

  /** As if the connection broke: even what is dealt with in this moment is handed out again. */
  breakOff(): void {
    this.#ended.abort();
    this.#leave();
  }

  #settle(item: Item, outcome: Outcome): void {
    if (outcome === 'done' && !this.#left) this.#inHand.delete(item);
    this.#unsettled--;
    if (this.#ended.signal.aborted && this.#unsettled === 0) this.#settled.resolve();
    if (!this.#left) this.#owner.wantsMore();
  }

  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#owner.leaves([...this.#inHand]);
  }
}

export function breakOff(consumers: readonly (MemoryConsumer | undefined)[]): void {
  for (const consumer of consumers) consumer?.breakOff();
}

/** Lets what has begun come to its end, for so long. */
export async function stopInTime(
  consumers: readonly (MemoryConsumer | undefined)[],
  deadlineMs: number,
): Promise<void> {
  const timer = new AbortController();
  const deadline = pause(deadlineMs, undefined, { signal: timer.signal }).catch(() => undefined);
  const stopped = consumers.map((consumer) => consumer?.stop() ?? Promise.resolve());
  await Promise.race([Promise.all(stopped), deadline]);
  timer.abort();
}
