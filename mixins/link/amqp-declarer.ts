import type { Channel, ChannelModel } from 'amqplib';
import type { Declaration } from './amqp-topology.ts';
import type { LinkProblem } from './link.ts';

/**
 * Declares one thing after the other over one connection. What the broker refuses (a queue that exists with
 * other arguments, a missing right) is reported once and left as it is: an existing queue mostly serves.
 */
export class Declarer {
  readonly #model: ChannelModel;
  readonly #onProblem: (problem: LinkProblem) => void;
  readonly #reported = new Set<string>();
  #channel: Channel | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(model: ChannelModel, onProblem: (problem: LinkProblem) => void) {
    this.#model = model;
    this.#onProblem = onProblem;
  }

  /** Rejects only when the connection is lost. */
  declare(declarations: readonly Declaration[]): Promise<void> {
    const mine = this.#turn.then(() => this.#declareAll(declarations));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #declareAll(declarations: readonly Declaration[]): Promise<void> {
    for (const declaration of declarations) await this.#declare(declaration);
  }

  /** A refusal closes the channel, so the next declaration needs a new one. */
  async #declare({ what, run }: Declaration): Promise<void> {
    const channel = (this.#channel ??= await this.#open());
    try {
      await run(channel);
    } catch (error) {
      this.#channel = undefined;
      if ((error as { code?: number }).code === undefined) throw error;
      this.#report(what, error as Error);
    }
  }

  async #open(): Promise<Channel> {
    const channel = await this.#model.createChannel();
    channel.on('error', () => undefined); // the declaration under way rejects with it
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = undefined;
    });
    return channel;
  }

  #report(what: string, error: Error): void {
    const detail = `${what}: ${error.message}`;
    if (this.#reported.has(detail)) return;
    this.#reported.add(detail);
    this.#onProblem({ type: 'declaration-refused', detail });
  }
}
