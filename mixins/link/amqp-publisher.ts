import type { ConfirmChannel, Message } from 'amqplib';
import { DomainError } from '../../domain/errors.ts';

export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  /** Whether a message that no queue takes is an error. */
  readonly mandatory: boolean;
}

interface Entry extends Outgoing {
  readonly id: string;
  readonly sinceMs: number;
  /** Whatever becomes of the others. */
  readonly latestMs: number;
  resolve(): void;
  reject(error: DomainError): void;
  returned: boolean;
}

export interface PublisherOptions {
  /** For a short message on an idle line; longer ones have as long as the slowest line takes. */
  readonly confirmMs: number;
  /** The broker took a message and never answered: the channel is of no use any more. */
  onStuck(reason: Error): void;
}

/** Messages that may wait for a blocked broker, so that they do not fill the memory. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** A line this slow still gets its batches through: 16 kbit/s. What is no longer than the free bytes takes no time. */
const SLOWEST_BYTES_PER_MS = 2;
const FREE_BYTES = 16 * 1024;

/** What amqplib says of a negative confirm; our queues give one only when they are full. */
const NACKED = 'message nacked';
const QUEUE_FULL = 'The broker refused the message: its queue is full';

/**
 * Publishes in order, each message until the broker has confirmed it. A confirm says that the broker has
 * the message, not that a queue took it: an unroutable one is returned just before its confirm. While the
 * broker is blocked or the socket is full, messages wait here and not in the socket, so that those whose
 * deadline passes are really not sent.
 *
 * On a slow line a message waits for those before it, and the socket does not tell how far they are: so the
 * deadline of the oldest begins when the one before it was confirmed.
 */
export class Publisher {
  readonly #channel: ConfirmChannel;
  readonly #options: PublisherOptions;
  readonly #waiting = new Map<string, Entry>();
  readonly #unconfirmed = new Map<string, Entry>();
  #waitingBytes = 0;
  #unconfirmedBytes = 0;
  #progressAtMs = 0;
  #lastId = 0;
  #blocked = false;
  #socketFull = false;
  #closed: DomainError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onIdle: (() => void) | undefined;

  constructor(channel: ConfirmChannel, options: PublisherOptions) {
    this.#channel = channel;
    this.#options = options;
    channel.on('return', (message) => this.#markReturned(message));
    channel.on('drain', () => this.#drained());
    channel.on('error', (error) => this.#channelFailed(error));
    channel.on('close', () => this.close(unavailable('The channel was closed')));
  }

  publish(message: Outgoing): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#waitingBytes > MAX_WAITING_BYTES)
      return Promise.reject(unavailable('Too much is waiting already'));
    const id = String(++this.#lastId);
    const sinceMs = performance.now();
    this.#waitingBytes += message.body.length;
    const latestMs = sinceMs + this.#timeFor(this.#waitingBytes + this.#unconfirmedBytes);
    this.#waiting.set(id, { ...message, id, sinceMs, latestMs, resolve, reject, returned: false });
    this.#pump();
    this.#watch();
    return promise;
  }

  /** A blocked broker reads nothing more of this connection. */
  block(blocked: boolean): void {
    this.#blocked = blocked;
    this.#progressAtMs = performance.now();
    this.#pump();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#watch();
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  /** Resolves when nothing is under way any more. */
  idle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    this.#tellIdle();
    return promise;
  }

  close(error: DomainError): void {
    if (this.#closed) return;
    this.#closed = error;
    for (const entry of [...this.#unconfirmed.values(), ...this.#waiting.values()])
      this.#settle(entry, error);
  }

  #pump(): void {
    for (const entry of this.#waiting.values()) {
      if (this.#blocked || this.#socketFull || this.#closed) return;
      this.#write(entry);
    }
  }

  #write(entry: Entry): void {
    this.#waiting.delete(entry.id);
    this.#waitingBytes -= entry.body.length;
    this.#unconfirmed.set(entry.id, entry);
    this.#unconfirmedBytes += entry.body.length;
    const properties = { mandatory: entry.mandatory, persistent: true, messageId: entry.id };
    const confirmed = (error: Error | null): void => this.#confirmed(entry, error);
    try {
      const { exchange, routingKey, body } = entry;
      this.#socketFull = !this.#channel.publish(exchange, routingKey, body, properties, confirmed);
    } catch (error) {
      this.close(unavailable(error instanceof Error ? error.message : String(error)));
    }
  }

  #drained(): void {
    this.#socketFull = false;
    this.#pump();
  }

  #markReturned(message: Message): void {
    const entry = this.#unconfirmed.get(String(message.properties.messageId));
    if (entry) entry.returned = true;
  }

  #confirmed(entry: Entry, error: Error | null): void {
    this.#progressAtMs = performance.now();
    if (error) this.#settle(entry, unavailable(error.message === NACKED ? QUEUE_FULL : error.message));
    else this.#settle(entry, entry.returned ? unroutable(entry) : undefined);
  }

  #settle(entry: Entry, error?: DomainError): void {
    if (this.#waiting.delete(entry.id)) this.#waitingBytes -= entry.body.length;
    else if (this.#unconfirmed.delete(entry.id)) this.#unconfirmedBytes -= entry.body.length;
    else return; // settled before, e.g. at its deadline
    if (error) entry.reject(error);
    else entry.resolve();
    this.#tellIdle();
  }

  #channelFailed(error: Error & { code?: number }): void {
    const limit = /message size \d+ is larger than .*?(\d+)/.exec(error.message)?.[1];
    if (limit) this.#refuseLargerThan(Number(limit));
    const missing = error.code === 404;
    this.close(missing ? new DomainError('link-unroutable', error.message) : unavailable(error.message));
  }

  /** The broker ends the channel on a message over its limit and does not say which. */
  #refuseLargerThan(expected: number): void {
    for (const entry of [...this.#unconfirmed.values()])
      if (entry.body.length > expected)
        this.#settle(
          entry,
          new DomainError('message-too-large', `Over the broker's limit of ${expected} bytes`),
        );
  }

  /** One timer, for the oldest message. */
  #watch(): void {
    const oldest = this.#oldest();
    if (this.#timer || !oldest) return;
    const delayMs = Math.max(1, this.#deadlineOf(oldest) - performance.now());
    this.#timer = setTimeout(() => this.#expire(), delayMs);
  }

  #timeFor(bytes: number): number {
    return this.#options.confirmMs + Math.max(0, bytes - FREE_BYTES) / SLOWEST_BYTES_PER_MS;
  }

  #deadlineOf({ sinceMs, latestMs, body }: Entry): number {
    if (this.#blocked) return sinceMs + this.#options.confirmMs;
    return Math.min(latestMs, Math.max(sinceMs, this.#progressAtMs) + this.#timeFor(body.length));
  }

  #oldest(): Entry | undefined {
    return this.#unconfirmed.values().next().value ?? this.#waiting.values().next().value;
  }

  #expire(): void {
    this.#timer = undefined;
    const reason = this.#blocked ? 'The broker is blocked' : 'The broker does not answer';
    const expired = this.#expired();
    for (const entry of expired) this.#settle(entry, unavailable(`${reason}: no confirm in time`));
    if (expired.length > 0 && !this.#blocked) this.#options.onStuck(new Error(reason));
    this.#watch();
  }

  #expired(): Entry[] {
    const nowMs = performance.now();
    const entries = [...this.#unconfirmed.values(), ...this.#waiting.values()];
    return entries.filter((entry) => this.#deadlineOf(entry) <= nowMs);
  }

  #tellIdle(): void {
    if (this.#waiting.size + this.#unconfirmed.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#onIdle?.();
  }
}

function unroutable({ exchange, routingKey }: Entry): DomainError {
  return new DomainError('link-unroutable', `No queue takes ${routingKey} from ${exchange}`, {
    exchange,
    routingKey,
  });
}

export function unavailable(reason: string): DomainError {
  return new DomainError('link-unavailable', reason);
}
