import { once } from 'node:events';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { Backoff } from './backoff.ts';
import type { Delivery, Outcome } from './intake.ts';
import type { LinkProblem } from './link.ts';

/** The one to consume, and those that stand in for it, each while the node that keeps the one before is down. */
export type Queues = readonly [string, ...string[]];

export interface ConsumerOptions {
  readonly queues: Queues;
  /** Messages that may be in hand at once. */
  readonly prefetch: number;
  laneOf(message: ConsumeMessage): string;
  accept(delivery: Delivery): void;
  onProblem(problem: LinkProblem): void;
  /** The queue does not exist; `before`: it did when this consumer last looked. Tried again after it resolves. */
  onMissing(before: boolean): Promise<void>;
  readonly answerMs: number;
  /** The queue exists, but the broker says nothing about it, as of a replicated queue that lost its members. */
  onUnanswered?(): void;
  describe(error: unknown): string;
}

const BACKOFF = { firstMs: 250, longestMs: 10_000 };
const HURRY_MS = 20;
const MISSING = 404;
const NODE_DOWN = /home node/;

interface ChannelError extends Error {
  code?: number;
}

/**
 * Consumes one queue over one connection, again and again until `stop` or until the connection is lost.
 * Each attempt has its own channel, and a delivery is settled on the channel that it came from or not at all.
 */
export class Consumer {
  readonly #model: ChannelModel;
  readonly #options: ConsumerOptions;
  readonly #ended = new AbortController();
  readonly #backoff: Backoff;
  readonly #tried = Promise.withResolvers<void>();
  readonly #finished: Promise<void>;
  #existed = false;
  #place = 0;
  #refusal = '';

  constructor(model: ChannelModel, options: ConsumerOptions) {
    this.#model = model;
    this.#options = options;
    this.#backoff = new Backoff(BACKOFF, this.#ended.signal);
    this.#finished = this.#keep();
  }

  /** Resolves when the first attempt is over, whether or not the queue exists. */
  get tried(): Promise<void> {
    return this.#tried.promise;
  }

  /** The queue is expected to appear any moment. */
  hurry(): void {
    if (!this.#existed) this.#backoff.hurry(HURRY_MS);
  }

  /** From now on nothing new is handled; resolves when what is in hand is settled and given back. */
  stop(): Promise<void> {
    this.#ended.abort();
    return this.#finished;
  }

  async #keep(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const error = await this.#consume().catch((reason: ChannelError) => reason);
      this.#tried.resolve();
      if (this.#ended.signal.aborted) return;
      if (error) await this.#explain(error);
      await this.#backoff.pause();
    }
  }

  /** Until the channel is closed: with the broker's reason, or without one when the connection is lost. */
  async #consume(): Promise<ChannelError | undefined> {
    const channel = await this.#model.createChannel();
    const generation = new Generation(channel, this.#ended.signal);
    const silence = setTimeout(() => this.#unanswered(), this.#options.answerMs);
    try {
      await channel.prefetch(this.#options.prefetch);
      await channel.consume(this.#queue, (message) => this.#receive(message, generation));
      clearTimeout(silence);
      this.#found();
      await generation.over;
    } catch (error) {
      generation.error ??= error as ChannelError;
    } finally {
      clearTimeout(silence);
      await generation.close();
    }
    return generation.error;
  }

  get #queue(): string {
    return this.#options.queues[this.#place]!;
  }

  #found(): void {
    this.#existed = true;
    this.#refusal = '';
    this.#backoff.reset();
    this.#tried.resolve();
  }

  #receive(message: ConsumeMessage | null, generation: Generation): void {
    if (message === null) generation.leave();
    else this.#options.accept(generation.delivery(message, this.#options.laneOf(message)));
  }

  async #explain(error: ChannelError): Promise<void> {
    if (error.code === MISSING) {
      const next = NODE_DOWN.test(error.message) ? this.#place + 1 : 0;
      this.#place = next < this.#options.queues.length ? next : 0;
      const before = this.#existed;
      this.#existed = false;
      await this.#options.onMissing(before).catch(() => undefined);
      return;
    }
    if (error.code === undefined) return; // the connection is lost, and its owner knows
    this.#refuse(`is refused: ${this.#options.describe(error)}`);
  }

  #unanswered(): void {
    this.#tried.resolve();
    this.#refuse('does not answer');
    this.#options.onUnanswered?.();
  }

  #refuse(reason: string): void {
    const detail = `Queue ${this.#queue} ${reason}`;
    if (detail !== this.#refusal) this.#options.onProblem({ type: 'consume-refused', detail });
    this.#refusal = detail;
  }
}

/** One channel and what was delivered over it. */
class Generation {
  readonly over: Promise<void>;
  error: ChannelError | undefined;
  readonly #channel: Channel;
  readonly #ended = new AbortController();
  readonly #end: () => void;
  #open = true;
  #inHand = 0;
  #onSettled: (() => void) | undefined;

  constructor(channel: Channel, stop: AbortSignal) {
    this.#channel = channel;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#end = resolve;
    channel.on('error', (error) => (this.error = error));
    channel.on('close', () => {
      this.#open = false;
      this.leave();
    });
    if (stop.aborted) this.leave();
    else stop.addEventListener('abort', () => this.leave(), { signal: this.#ended.signal });
  }

  /** Nothing more is begun; what is in hand may still be settled. */
  leave(): void {
    this.#ended.abort();
    this.#end();
    if (!this.#open) this.#onSettled?.();
  }

  delivery(message: ConsumeMessage, lane: string): Delivery {
    this.#inHand++;
    return {
      body: message.content,
      lane,
      ended: this.#ended.signal,
      settle: (outcome) => this.#settle(message, outcome),
    };
  }

  #settle(message: ConsumeMessage, outcome: Outcome): void {
    if (this.#open && outcome === 'done') this.#acknowledge(message);
    if (--this.#inHand === 0) this.#onSettled?.();
  }

  #acknowledge(message: ConsumeMessage): void {
    try {
      this.#channel.ack(message);
    } catch {
      this.leave(); // the channel is going down: the broker delivers the message again
    }
  }

  /** Closing gives back to the queue what was not settled, in its order. */
  async close(): Promise<void> {
    this.leave();
    if (this.#open && this.#inHand > 0) await this.#settled();
    if (!this.#open) return;
    const closed = once(this.#channel, 'close');
    await Promise.race([this.#channel.close(), closed]).catch(() => undefined);
  }

  #settled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onSettled = resolve;
    return promise;
  }
}
