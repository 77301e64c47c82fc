import { DomainError } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type { Subscription } from '../../domain/sync/messages.ts';
import { MemoryQueue } from './memory-queue.ts';
import { streamsOf } from './streams.ts';

export interface QueueLimits {
  readonly upQueueBytes: number;
  readonly feedQueueBytes: number;
  readonly controlQueueBytes: number;
}

const UP = 'up';
const feedName = (office: OfficeId): string => `feed.${office}`;
const controlName = (office: OfficeId, instance?: string): string =>
  instance === undefined ? `control.${office}` : `control.${office}.${instance}`;

/** The queues of a link and what is routed to which: the same rules as in amqp-topology.ts. */
export class MemoryExchange {
  readonly #limits: QueueLimits;
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #subscriptions = new Map<OfficeId, Subscription>();

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get up(): MemoryQueue | undefined {
    return this.#queues.get(UP);
  }

  control(office: OfficeId, instance?: string): MemoryQueue | undefined {
    return this.#queues.get(controlName(office, instance));
  }

  feed(office: OfficeId): MemoryQueue | undefined {
    return this.#queues.get(feedName(office));
  }

  declareUp(): void {
    this.#declare(UP, this.#limits.upQueueBytes, 'refuse');
  }

  declareControl(office: OfficeId, instance?: string): void {
    this.#declare(controlName(office, instance), this.#limits.controlQueueBytes, 'drop-oldest');
  }

  declareFeed(office: OfficeId, subscribe: Subscription): void {
    this.#declare(feedName(office), this.#limits.feedQueueBytes, 'drop-oldest');
    this.#subscriptions.set(office, subscribe);
  }

  remove(office: OfficeId): void {
    this.#subscriptions.delete(office);
    this.#queues.delete(feedName(office));
    this.#queues.delete(controlName(office));
  }

  clear(): void {
    this.#subscriptions.clear();
    this.#queues.clear();
  }

  sendUp(office: OfficeId, body: Uint8Array): void {
    const taken = this.up?.push({ body, lane: office });
    if (taken === undefined) throw noHead();
    if (!taken) throw new DomainError('link-unavailable', "The head's queue is full");
  }

  sendControl(office: OfficeId, instance: string | undefined, body: Uint8Array): void {
    this.control(office, instance)?.push({ body, lane: 'control' });
  }

  publishFeed(stream: string, body: Uint8Array): void {
    for (const [office, subscribe] of this.#subscriptions)
      if (streamsOf(office, subscribe).includes(stream)) this.feed(office)?.push({ body, lane: 'feed' });
  }

  #declare(name: string, maxBytes: number, whenFull: 'refuse' | 'drop-oldest'): void {
    if (!this.#queues.has(name)) this.#queues.set(name, new MemoryQueue({ maxBytes, whenFull }));
  }
}

export function noHead(): DomainError {
  return new DomainError('link-unroutable', 'The head has not been here');
}
