import { errorType } from '../../domain/errors.ts';

export interface WayOptions {
  /** Publishes in the order of the calls. Rejects with `link-unroutable` when no queue takes the message. */
  publish(body: Buffer): Promise<void>;
  /** Makes the queue. */
  make(): Promise<void>;
}

interface Entry {
  readonly place: number;
  readonly body: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  tries: number;
}

/** A message that no queue takes although it was made just now goes nowhere. */
const MAX_TRIES = 2;

/** Messages that go to queues that may have to be made first, those to one queue in order. */
export class OrderedWays {
  readonly #ways = new Map<string, Way>();

  /** `key`: names the queue. Rejects with what `publish` or `make` rejects with. */
  async send(key: string, body: Buffer, options: WayOptions): Promise<void> {
    const way = this.#ways.get(key) ?? new Way(options);
    this.#ways.set(key, way);
    try {
      await way.send(body);
    } finally {
      if (way.isIdle && this.#ways.get(key) === way) this.#ways.delete(key);
    }
  }
}

/**
 * What was published before the queue was made has been refused or will be: all of it is heard of before any goes out
 * again, or a later message would overtake an earlier one.
 */
class Way {
  readonly #options: WayOptions;
  readonly #underWay = new Set<Promise<void>>();
  #waiting: Entry[] = [];
  #isMaking = false;
  #lastPlace = 0;

  constructor(options: WayOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0 && !this.#isMaking;
  }

  send(body: Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry: Entry = { place: ++this.#lastPlace, body, resolve, reject, tries: 0 };
    if (this.#isMaking) this.#waiting.push(entry);
    else this.#publish(entry);
    return promise;
  }

  #publish(entry: Entry): void {
    entry.tries++;
    const tried: Promise<void> = this.#options.publish(entry.body).then(
      () => this.#ended(tried, entry.resolve),
      (error: unknown) => this.#ended(tried, () => this.#refused(entry, error)),
    );
    this.#underWay.add(tried);
  }

  #ended(tried: Promise<void>, then: () => void): void {
    this.#underWay.delete(tried);
    then();
  }

  #refused(entry: Entry, error: unknown): void {
    if (errorType(error) !== 'link-unroutable' || entry.tries >= MAX_TRIES) {
      entry.reject(error);
      return;
    }
    this.#waiting.push(entry);
    if (this.#isMaking) return;
    this.#isMaking = true;
    void this.#make();
  }

  async #make(): Promise<void> {
    const [made] = await Promise.allSettled([this.#options.make(), ...this.#underWay]);
    const waiting = this.#waiting.sort((a, b) => a.place - b.place);
    this.#waiting = [];
    this.#isMaking = false;
    for (const entry of waiting)
      if (made.status === 'fulfilled') this.#publish(entry);
      else entry.reject(made.reason);
  }
}
