import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, errorType, isTransient } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import { jittered } from '../../domain/sync/limits.ts';
import type { LinkProblem } from './link.ts';

/** `done`: acknowledged. `left`: still the queue's. */
export type Outcome = 'done' | 'left';

/** A message that a queue has handed out. */
export interface Delivery {
  readonly body: Uint8Array;
  /** Deliveries of one lane are handled in order. */
  readonly lane: string;
  /** Aborted when the queue stops handing out: what has not begun by then is left to the queue. */
  readonly ended: AbortSignal;
  /** Called once. */
  settle(outcome: Outcome): void;
}

export interface IntakeOptions<M> {
  /** Throws a DomainError when the message is not one. */
  read(delivery: Delivery): M;
  handle(message: M): Promise<void>;
  onProblem(problem: LinkProblem): void;
  /** One handler at a time over all lanes, not only within each. */
  readonly exclusive: boolean;
  officeOf?(delivery: Delivery): OfficeId;
  readonly retryMs?: number;
}

interface Attempt {
  readonly outcome: 'done' | 'left' | 'failed';
  readonly error?: unknown;
}

/** A message that fails each time must not hold its lane for ever: what it carried is asked for again. */
const MAX_ATTEMPTS = 6;
const RETRY_MS = 500;
const RETRY_MAX_MS = 30_000;

/** Brings deliveries to the handler: lane by lane, each until it is dealt with. */
export class Intake<M> {
  readonly #options: IntakeOptions<M>;
  readonly #lanes = new Map<string, Delivery[]>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: IntakeOptions<M>) {
    this.#options = options;
  }

  accept(delivery: Delivery): void {
    const waiting = this.#lanes.get(delivery.lane);
    if (waiting) {
      waiting.push(delivery);
      return;
    }
    const lane = [delivery];
    this.#lanes.set(delivery.lane, lane);
    void this.#work(delivery.lane, lane);
  }

  async #work(name: string, lane: Delivery[]): Promise<void> {
    for (let delivery = lane.shift(); delivery; delivery = lane.shift()) {
      const outcome = delivery.ended.aborted ? 'left' : await this.#deal(delivery);
      delivery.settle(outcome);
    }
    this.#lanes.delete(name);
  }

  async #deal(delivery: Delivery): Promise<Outcome> {
    try {
      return await this.#handleUntilDone(this.#options.read(delivery), delivery);
    } catch (error) {
      this.#report(errorType(error), error, delivery); // what cannot be read today cannot be read tomorrow
      return 'done';
    }
  }

  async #handleUntilDone(message: M, delivery: Delivery): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      const { outcome, error } = await this.#inTurn(message, delivery);
      if (outcome !== 'failed') return outcome;
      this.#report('handler-failed', error, delivery);
      if (attempt >= MAX_ATTEMPTS && !isTransient(error)) throw givenUp(error);
      await this.#pause(attempt, delivery.ended);
    }
  }

  #inTurn(message: M, delivery: Delivery): Promise<Attempt> {
    const attempt = (): Promise<Attempt> => this.#attempt(message, delivery);
    if (!this.#options.exclusive) return attempt();
    const mine = this.#turn.then(attempt);
    this.#turn = mine;
    return mine;
  }

  async #attempt(message: M, delivery: Delivery): Promise<Attempt> {
    if (delivery.ended.aborted) return { outcome: 'left' };
    try {
      await this.#options.handle(message);
      return { outcome: 'done' };
    } catch (error) {
      return { outcome: 'failed', error };
    }
  }

  async #pause(attempt: number, ended: AbortSignal): Promise<void> {
    const longest = Math.min((this.#options.retryMs ?? RETRY_MS) * 2 ** (attempt - 1), RETRY_MAX_MS);
    await pause(jittered(longest, Math.random()), undefined, { signal: ended }).catch(() => undefined);
  }

  #report(type: string, error: unknown, delivery: Delivery): void {
    const detail = error instanceof Error ? error.message : String(error);
    const office = this.#options.officeOf?.(delivery);
    this.#options.onProblem(office === undefined ? { type, detail } : { type, detail, office });
  }
}

function givenUp(error: unknown): DomainError {
  const detail = error instanceof Error ? error.message : String(error);
  return new DomainError('message-given-up', `Given up after ${MAX_ATTEMPTS} attempts: ${detail}`);
}
