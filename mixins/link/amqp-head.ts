import { DomainError } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type { ControlMessage, FeedRun, Subscription, UpMessage } from '../../domain/sync/messages.ts';
import { Carrier } from './amqp-carrier.ts';
import { Consumer } from './amqp-consumer.ts';
import { Declarer, Refusals } from './amqp-declarer.ts';
import type { Line } from './amqp-line.ts';
import { amqpSettings, type AmqpOptions, type Settings } from './amqp-options.ts';
import * as topology from './amqp-topology.ts';
import { encodeMessage } from './envelope.ts';
import { Intake } from './intake.ts';
import { LinkState } from './link-state.ts';
import type { HeadLink, HeadLinkEvents, LinkProblem } from './link.ts';
import { OrderedWays } from './ordered-ways.ts';
import { readUp } from './read-up.ts';
import { assertRoutable } from './streams.ts';

export interface AmqpHeadOptions extends AmqpOptions, Partial<topology.QueueLimits> {
  /** Queues over which the branches are spread, so that several nodes of the head share the work. */
  readonly partitions?: number;
}

const PREFETCH = 50;
/** Channels over which the branches are declared when a line comes up: one declaration is one round trip. */
const DECLARERS = 4;
/** An exchange that somebody deletes tells nobody: the branches would wait for it until the next reconnection. */
const RECHECK_MS = 60_000;

/** Throws `invalid-link-url` or `invalid-partitions`. Connects with `start`. */
export function createAmqpHeadLink(options: AmqpHeadOptions): HeadLink {
  topology.assertPartitions(options.partitions ?? 1);
  return new AmqpHeadLink(options, amqpSettings(options));
}

interface Branch {
  readonly subscribe: Subscription;
  readonly instance: string | undefined;
}

class AmqpHeadLink implements HeadLink {
  readonly #partitions: number;
  readonly #limits: topology.QueueLimits;
  readonly #settings: Settings;
  readonly #branches = new Map<OfficeId, Branch>();
  readonly #forgotten = new Set<OfficeId>();
  readonly #answers = new OrderedWays();
  readonly #refusals = new Refusals((problem) => this.#state.problem(problem));
  #intake!: Intake<UpMessage>;
  #state!: LinkState;
  #carrier!: Carrier;
  #line: Line | undefined;
  #declarer: Declarer | undefined;
  #recheck: NodeJS.Timeout | undefined;
  #upWanted = true;
  #consumers: Consumer[] = [];

  constructor(options: AmqpHeadOptions, settings: Settings) {
    this.#partitions = options.partitions ?? 1;
    this.#limits = { ...topology.QUEUE_LIMITS, ...options };
    this.#settings = settings;
  }

  async start(events: HeadLinkEvents): Promise<void> {
    this.#state = new LinkState(events);
    this.#intake = new Intake<UpMessage>({
      read: readUp,
      handle: (message) => events.onMessage(message),
      onProblem: (problem) => this.#state.problem(problem),
      exclusive: false,
      officeOf: (delivery) => delivery.lane,
      retryMs: this.#settings.retryMs,
    });
    this.#carrier = new Carrier({
      name: 'branchline head',
      settings: this.#settings,
      state: this.#state,
      prepare: (line) => this.#prepare(line),
      release: () => this.#release(),
    });
    this.#carrier.start();
  }

  get refused(): LinkProblem | null {
    return this.#refusals.first;
  }

  async declareBranch(office: OfficeId, subscribe: Subscription | null, instance?: string): Promise<void> {
    assertRoutable(office, instance);
    if (subscribe) this.#branches.set(office, { subscribe, instance });
    if (subscribe) this.#forgotten.delete(office);
    await this.#declareNow([
      ...topology.controlDeclarations(office, instance),
      ...(subscribe ? topology.feedDeclarations(office, subscribe, this.#limits) : []),
    ]);
  }

  async forgetBranch(office: OfficeId): Promise<void> {
    assertRoutable(office);
    this.#branches.delete(office);
    this.#forgotten.add(office);
    if (!this.#declarer) return; // done when a line comes up
    await this.#declareNow(topology.branchRemovals(office));
    this.#forgotten.delete(office);
  }

  async sendControl(office: OfficeId, message: ControlMessage, instance?: string): Promise<void> {
    const exchange = topology.CONTROL_EXCHANGE;
    const routingKey = topology.controlKey(office, instance);
    await this.#answers.send(routingKey, encodeMessage(message), {
      publish: (body) => this.#carrier.publish({ exchange, routingKey, body, mandatory: true }),
      make: () => this.#remake(office, instance),
    });
  }

  publishFeed(run: FeedRun): Promise<void> {
    const body = encodeMessage(run);
    const routingKey = topology.feedKey(run.stream);
    return this.#carrier.publish({ exchange: topology.DOWN_EXCHANGE, routingKey, body, mandatory: false });
  }

  async consumeUp(wanted: boolean): Promise<void> {
    this.#upWanted = wanted;
    if (wanted) this.#startConsumers();
    else void this.#stopConsumers();
  }

  async stop(): Promise<void> {
    await this.#carrier.stop(() => this.#stopConsumers());
  }

  async #prepare(line: Line): Promise<void> {
    this.#refusals.clear();
    const declarer = new Declarer(line.consuming, this.#refusals);
    this.#declarer = declarer;
    await this.#declareHead();
    await this.#declareBranches(line);
    this.#recheck = setInterval(() => void this.#declareHead().catch(() => undefined), RECHECK_MS);
    this.#line = line;
    if (this.#upWanted) this.#startConsumers();
    await Promise.all(this.#consumers.map((consumer) => consumer.tried));
  }

  async #declareBranches(line: Line): Promise<void> {
    const remembered = [...this.#branches].map(([office, { subscribe, instance }]) => [
      ...topology.controlDeclarations(office, instance),
      ...topology.feedDeclarations(office, subscribe, this.#limits),
    ]);
    const all = [...remembered, ...[...this.#forgotten].map(topology.branchRemovals)];
    const declareEvery = (offset: number): Promise<void> => {
      const declarer = new Declarer(line.consuming, this.#refusals);
      return declarer.declare(all.filter((_, i) => i % DECLARERS === offset).flat());
    };
    await Promise.all(Array.from({ length: DECLARERS }, (_, offset) => declareEvery(offset)));
    this.#forgotten.clear();
  }

  #declareHead(): Promise<void> {
    return this.#declareNow(topology.headDeclarations(this.#partitions, this.#limits));
  }

  #release(): void {
    clearInterval(this.#recheck);
    void this.#stopConsumers();
    this.#line = undefined;
    this.#declarer = undefined;
  }

  /** Without a line there is nothing to declare to: what is remembered is declared when one comes up. */
  async #declareNow(declarations: readonly topology.Declaration[]): Promise<void> {
    await this.#declarer?.declare(declarations).catch((error: unknown) => {
      throw new DomainError('link-unavailable', this.#settings.describe(error));
    });
  }

  /** The queue of a branch was deleted or has expired, or the head answers an office that it does not know. */
  #remake(office: OfficeId, instance?: string): Promise<void> {
    return this.declareBranch(office, this.#branches.get(office)?.subscribe ?? null, instance);
  }

  /** A queue of the head that lost its members in a crash never comes back. What it held is sent again. */
  #replace(queue: string): Promise<void> {
    return this.#declareNow([
      topology.removal(queue),
      ...topology.headDeclarations(this.#partitions, this.#limits),
    ]);
  }

  #startConsumers(): void {
    if (!this.#line || this.#consumers.length > 0) return;
    const { consuming } = this.#line;
    this.#consumers = topology.upQueues(this.#partitions).map((queue) => this.#consume(consuming, queue));
  }

  async #stopConsumers(): Promise<void> {
    const consumers = this.#consumers;
    this.#consumers = [];
    await Promise.all(consumers.map((consumer) => consumer.stop()));
  }

  #consume(model: Line['consuming'], queue: string): Consumer {
    return new Consumer(model, {
      queues: [queue],
      prefetch: PREFETCH,
      laneOf: (message) => message.fields.routingKey,
      accept: (delivery) => this.#intake.accept(delivery),
      onProblem: (problem) => this.#state.problem(problem),
      onMissing: () => this.#declareHead(),
      answerMs: this.#settings.answerMs,
      onUnanswered: () => void this.#replace(queue).catch(() => undefined),
      describe: (error) => this.#settings.describe(error),
    });
  }
}
