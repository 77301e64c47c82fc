import { DomainError } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type { DownMessage, UpMessage } from '../../domain/sync/messages.ts';
import { Carrier } from './amqp-carrier.ts';
import { Consumer, type Queues } from './amqp-consumer.ts';
import type { Line } from './amqp-line.ts';
import { amqpSettings, type AmqpOptions, type Settings } from './amqp-options.ts';
import { controlQueues, feedQueue, UP_EXCHANGE } from './amqp-topology.ts';
import { decodeDown, encodeMessage } from './envelope.ts';
import { Intake } from './intake.ts';
import { LinkState } from './link-state.ts';
import type { BranchLink, BranchLinkEvents } from './link.ts';
import { assertRoutable } from './streams.ts';

export interface AmqpBranchOptions extends AmqpOptions {
  readonly office: OfficeId;
  /** The name of this process, as in its messages: answers come to it alone, and not to a second copy. */
  readonly instance?: string;
}

const PREFETCH = 20;

/** Throws `invalid-link-url` or `invalid-office-id`. Connects with `start`. */
export function createAmqpBranchLink(options: AmqpBranchOptions): BranchLink {
  assertRoutable(options.office, options.instance);
  return new AmqpBranchLink(options, amqpSettings(options));
}

/**
 * A branch declares nothing. It is up as soon as it can publish; queues of its own that do not exist yet
 * are looked for again and again, and at once when a greeting has gone out, because the head makes them
 * when it hears one.
 */
class AmqpBranchLink implements BranchLink {
  readonly #office: OfficeId;
  readonly #settings: Settings;
  readonly #controlQueues: Queues;
  #intake!: Intake<DownMessage>;
  #state!: LinkState;
  #carrier!: Carrier;
  #line: Line | undefined;
  #feedWanted = true;
  #control: Consumer | undefined;
  #feed: Consumer | undefined;

  constructor({ office, instance }: AmqpBranchOptions, settings: Settings) {
    this.#office = office;
    this.#controlQueues = controlQueues(office, instance);
    this.#settings = settings;
  }

  async start(events: BranchLinkEvents): Promise<void> {
    this.#state = new LinkState(events);
    this.#intake = new Intake<DownMessage>({
      read: (delivery) => decodeDown(delivery.body),
      handle: (message) => events.onMessage(message),
      onProblem: (problem) => this.#state.problem(problem),
      exclusive: true,
      retryMs: this.#settings.retryMs,
    });
    this.#carrier = new Carrier({
      name: `branchline ${this.#office}`,
      settings: this.#settings,
      state: this.#state,
      prepare: (line) => this.#prepare(line),
      release: () => this.#release(),
    });
    this.#carrier.start();
  }

  async send(message: UpMessage): Promise<void> {
    const body = encodeMessage(message);
    await this.#carrier.publish({ exchange: UP_EXCHANGE, routingKey: this.#office, body, mandatory: true });
    if (message.kind === 'hello') this.#expectQueues();
  }

  async consumeFeed(wanted: boolean): Promise<void> {
    this.#feedWanted = wanted;
    if (wanted) this.#startFeed();
    else void this.#stopFeed();
  }

  async stop(): Promise<void> {
    await this.#carrier.stop(() => Promise.all([this.#control?.stop(), this.#stopFeed()]));
  }

  async #prepare(line: Line): Promise<void> {
    await assertHeadWasHere(line);
    this.#line = line;
    this.#control = this.#consume(line, ...this.#controlQueues);
    if (this.#feedWanted) this.#startFeed();
    await Promise.all([this.#control.tried, this.#feed?.tried]);
  }

  #release(): void {
    void this.#control?.stop();
    void this.#stopFeed();
    this.#control = undefined;
    this.#line = undefined;
  }

  #startFeed(): void {
    if (this.#line) this.#feed ??= this.#consume(this.#line, feedQueue(this.#office));
  }

  #stopFeed(): Promise<void> {
    const feed = this.#feed;
    this.#feed = undefined;
    return feed?.stop() ?? Promise.resolve();
  }

  #consume(line: Line, ...queues: Queues): Consumer {
    const [queue] = queues;
    return new Consumer(line.consuming, {
      queues,
      prefetch: PREFETCH,
      laneOf: () => queue,
      accept: (delivery) => this.#intake.accept(delivery),
      onProblem: (problem) => this.#state.problem(problem),
      // Only a greeting makes the head declare it again, and only a new connection makes the branch greet.
      onMissing: async (before) => {
        if (before) line.lose(new Error(`Queue ${queue} is gone`));
      },
      answerMs: this.#settings.answerMs,
      describe: (error) => this.#settings.describe(error),
    });
  }

  #expectQueues(): void {
    this.#control?.hurry();
    this.#feed?.hurry();
  }
}

async function assertHeadWasHere(line: Line): Promise<void> {
  const channel = await line.consuming.createChannel();
  let refusal: (Error & { code?: number }) | undefined;
  channel.on('error', (error) => (refusal = error));
  await channel.checkExchange(UP_EXCHANGE).catch((error: Error) => (refusal ??= error));
  if (!refusal) return channel.close();
  if (refusal.code !== 404) throw refusal;
  throw new DomainError(
    'link-unroutable',
    `The head has not been here: exchange ${UP_EXCHANGE} does not exist`,
  );
}
