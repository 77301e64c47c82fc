import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, errorType } from '../../domain/errors.ts';
import type { LinkTrouble } from '../../domain/sync/branch-state.ts';
import { openLine, type Line } from './amqp-line.ts';
import type { Settings } from './amqp-options.ts';
import { Publisher, unavailable, type Outgoing } from './amqp-publisher.ts';
import { Backoff } from './backoff.ts';
import type { LinkState } from './link-state.ts';

export interface CarrierOptions {
  /** Shown in the broker's list of connections. */
  readonly name: string;
  readonly settings: Settings;
  readonly state: LinkState;
  /** Readies a new line; the link is up when it resolves. A DomainError is what sends are refused with meanwhile. */
  prepare(line: Line): Promise<void>;
  /** Nothing of the line may be used any more. */
  release(): void;
}

/** Frames that wait for the socket in amqplib before `publish` says that it is full. */
const SOCKET_FRAMES = 64;
/** A line that is lost sooner than this after it came up counts as a failed attempt. */
const STEADY_MS = 5_000;
/** Between attempts on a line that flaps, which is to be used whenever it is there. */
const FLAPPING_MS = 2_000;
/**
 * A line flaps that is lost twice within this, and for so long afterwards. After a single loss all who had the line
 * would come back at once, had they short pauses.
 */
const FLAPS_FOR_MS = 60_000;

/**
 * Keeps one end of the link connected:
 *
 *   opening --> preparing --> up <--> blocked
 *      ^            |          |         |
 *      +-- pause <--+----------+---------+     until stop
 */
export class Carrier {
  readonly #options: CarrierOptions;
  readonly #stopping = new AbortController();
  readonly #backoff: Backoff;
  #lostAtMs = -Infinity;
  #publisher: Publisher | undefined;
  #line: Line | undefined;
  #trouble: DomainError = unavailable('Not connected yet');
  #kept: Promise<void> = Promise.resolve();

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.settings.backoff, this.#stopping.signal);
  }

  start(): void {
    this.#kept = this.#keep();
  }

  publish(message: Outgoing): Promise<void> {
    return this.#publisher?.publish(message) ?? Promise.reject(this.#trouble);
  }

  /** Gives the line up and makes a new one. */
  lose(reason: Error): void {
    this.#line?.lose(reason);
  }

  /** `settled`: what must come to an end before the line is closed. */
  async stop(settled: () => Promise<unknown>): Promise<void> {
    this.#stopping.abort();
    const timer = new AbortController();
    const deadline = pause(this.#options.settings.stopMs, undefined, { signal: timer.signal });
    const inOrder = Promise.all([this.#publisher?.idle(), settled()]);
    await Promise.race([inOrder, deadline]).catch(() => undefined);
    timer.abort();
    await deadline.catch(() => undefined);
    this.#options.state.end();
    this.#line?.lose(new Error('Stopped'));
    await this.#kept;
  }

  async #keep(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#useLine().catch((error: unknown) => this.#fail(error));
      await this.#backoff.pause();
    }
    this.#trouble = unavailable('The link was stopped');
  }

  /** From opening a line to its loss. */
  async #useLine(): Promise<void> {
    const { settings, name } = this.#options;
    const line = await openLine(settings, name, this.#stopping.signal);
    this.#line = line;
    let prepared: Promise<void> | undefined;
    let isOver = false;
    void line.lost.then(() => isOver || this.#noteLoss());
    try {
      const publisher = await this.#openPublisher(line);
      prepared = this.#options.prepare(line);
      await Promise.race([prepared, line.lost.then((error) => Promise.reject(error))]);
      await this.#serve(line, publisher);
    } finally {
      isOver = true;
      await line.close();
      await prepared?.catch(() => undefined); // it must not ready a line that was released
      this.#options.release();
      this.#line = undefined;
    }
  }

  #noteLoss(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lostAtMs < FLAPS_FOR_MS) this.#backoff.ease(FLAPPING_MS, FLAPS_FOR_MS);
    this.#lostAtMs = nowMs;
  }

  async #serve(line: Line, publisher: Publisher): Promise<void> {
    const upAt = performance.now();
    this.#publisher = publisher;
    if (!publisher.blocked) this.#options.state.up();
    const reason = await line.lost;
    this.#publisher = undefined;
    publisher.close(this.#fail(reason));
    if (performance.now() - upAt > STEADY_MS) this.#backoff.reset();
  }

  async #openPublisher(line: Line): Promise<Publisher> {
    const channel = await line.publishing.createConfirmChannel({ highWaterMark: SOCKET_FRAMES });
    const { confirmMs } = this.#options.settings;
    const publisher = new Publisher(channel, { confirmMs, onStuck: line.lose });
    channel.on('error', line.lose);
    channel.on('close', () => line.lose(new Error('The channel was closed')));
    line.publishing.on('blocked', (reason) => {
      publisher.block(true);
      this.#options.state.down(`The broker takes nothing more: ${reason}`, 'link-blocked');
    });
    line.publishing.on('unblocked', () => {
      publisher.block(false);
      if (this.#publisher === publisher) this.#options.state.up();
    });
    return publisher;
  }

  /** What sends are refused with until the next line is up. */
  #fail(reason: unknown): DomainError {
    this.#trouble = this.#troubleFrom(reason);
    this.#options.state.down(this.#trouble.message, typeOf(reason));
    return this.#trouble;
  }

  #troubleFrom(reason: unknown): DomainError {
    const detail = this.#options.settings.describe(reason);
    if (reason instanceof DomainError) return new DomainError(reason.type, detail, reason.data);
    return typeOf(reason) === 'link-unroutable'
      ? new DomainError('link-unroutable', detail)
      : unavailable(detail);
  }
}

/** A broker that refuses a user, its virtual host or its rights takes somebody to act. */
function typeOf(reason: unknown): LinkTrouble {
  if (errorType(reason) === 'link-unroutable') return 'link-unroutable';
  const { code, message = '' } = (reason ?? {}) as { code?: number; message?: string };
  if (code === 403 || /ACCESS[_-]REFUSED|Expected ConnectionOpenOk/.test(message)) return 'link-refused';
  return code === 404 ? 'link-unroutable' : 'link-unavailable';
}
