import type { Channel, ChannelModel } from 'amqplib';
import type { Declaration } from './amqp-topology.ts';
import type { LinkProblem } from './link.ts';

/** What the broker refused when it was asked last, by what it was asked for. */
export class Refusals {
  readonly #onProblem: (problem: LinkProblem) => void;
  readonly #reasons = new Map<string, string>();

  constructor(onProblem: (problem: LinkProblem) => void) {
    this.#onProblem = onProblem;
  }

  get first(): LinkProblem | null {
    const [entry] = this.#reasons;
    return entry === undefined ? null : problemOf(...entry);
  }

  refused(what: string, reason: string): void {
    const isKnown = this.#reasons.get(what) === reason;
    this.#reasons.set(what, reason);
    if (!isKnown) this.#onProblem(problemOf(what, reason));
  }

  done(what: string): void {
    this.#reasons.delete(what);
  }

  clear(): void {
    this.#reasons.clear();
  }
}

/** To a declaration. */
const NODE_DOWN = 404;
const ADVICE: Readonly<Record<number, string>> = {
  403: 'Give its user at the broker the rights that the README names for the head.',
  [NODE_DOWN]:
    'Until that node of the cluster is back, what would go through it is asked for, some seconds later.',
  406: 'It is there with other arguments than the head gives it. Delete it at the broker: the head makes it again, and nothing is lost.',
};

function problemOf(what: string, reason: string): LinkProblem {
  return { type: 'declaration-refused', detail: `${what}: ${reason}` };
}

/**
 * Declares one thing after the other over one connection. What the broker refuses (a queue that exists with
 * other arguments, a missing right) is reported and left as it is: an existing queue mostly serves.
 */
export class Declarer {
  readonly #model: ChannelModel;
  readonly #refusals: Refusals;
  #channel: Channel | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(model: ChannelModel, refusals: Refusals) {
    this.#model = model;
    this.#refusals = refusals;
  }

  /** Rejects only when the connection is lost. */
  declare(declarations: readonly Declaration[]): Promise<void> {
    const mine = this.#turn.then(() => this.#declareAll(declarations));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #declareAll(declarations: readonly Declaration[]): Promise<void> {
    for (const declaration of declarations) await this.#declareWhole(declaration);
  }

  async #declareWhole(declaration: Declaration): Promise<void> {
    const { parts = [], elsewhere = [] } = declaration;
    const code = await this.#declare(declaration);
    await this.#declareAll(code === NODE_DOWN ? elsewhere : parts);
  }

  /** The broker's code when it refused. A refusal closes the channel, so the next declaration needs a new one. */
  async #declare({ what, run, elsewhere = [] }: Declaration): Promise<number | null> {
    const channel = (this.#channel ??= await this.#open());
    try {
      await run(channel);
      this.#refusals.done(what);
      return null;
    } catch (error) {
      this.#channel = undefined;
      const { code, message } = error as Error & { code?: number };
      if (code === undefined) throw error;
      const advice = ADVICE[code] === undefined ? '' : `. ${ADVICE[code]}`;
      if (code !== NODE_DOWN || elsewhere.length === 0) this.#refusals.refused(what, message + advice);
      return code;
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
}
