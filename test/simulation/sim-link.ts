import type { OfficeId } from '../../domain/event.ts';
import type {
  ControlMessage,
  DownMessage,
  FeedRun,
  Subscription,
  UpMessage,
} from '../../domain/sync/messages.ts';
import type { BranchLink, BranchLinkEvents, HeadLink, HeadLinkEvents } from '../../mixins/link/link.ts';
import { controlName, feedName, type SimBroker, UP } from './sim-broker.ts';
import type { Intake } from './line-ends.ts';
import type { SimLine } from './sim-line.ts';

/** Sees every message that an end hands to its link, and every one that it is handed. */
export interface Witness {
  sent(message: UpMessage | DownMessage, to: string): void;
  received(message: UpMessage | DownMessage): void;
}

/** A branch's end over the simulated broker. */
export class SimBranchLink implements BranchLink {
  readonly #line: SimLine;
  readonly #office: OfficeId;
  readonly #instance: string;
  readonly #witness: Witness;
  #feed: Intake | null = null;

  constructor(line: SimLine, office: OfficeId, instance: string, witness: Witness) {
    this.#line = line;
    this.#office = office;
    this.#instance = instance;
    this.#witness = witness;
  }

  async start(events: BranchLinkEvents): Promise<void> {
    const handle = (message: UpMessage | DownMessage) => {
      this.#witness.received(message);
      return events.onMessage(message as DownMessage);
    };
    const turnOf = () => 'all';
    const control = { queue: controlName(this.#office, this.#instance), turnOf, handle, wanted: true };
    this.#feed = { queue: feedName(this.#office), turnOf, handle, wanted: true };
    this.#line.take(control);
    this.#line.take(this.#feed);
    this.#line.start({
      onUp: () => events.onUp(),
      onDown: (reason) => events.onDown(reason),
      onProblem: (type, detail) => events.onProblem({ type, detail }),
    });
  }

  send(message: UpMessage): Promise<void> {
    this.#witness.sent(message, 'head');
    return this.#line.publish({ to: 'up', office: this.#office }, message);
  }

  async consumeFeed(wanted: boolean): Promise<void> {
    if (this.#feed !== null) this.#line.want(this.#feed, wanted);
  }

  async stop(): Promise<void> {
    this.#line.stop();
  }
}

/** The head's end over the simulated broker. */
export class SimHeadLink implements HeadLink {
  readonly #line: SimLine;
  readonly #broker: SimBroker;
  readonly #witness: Witness;
  readonly #branches = new Map<OfficeId, Subscription>();
  readonly #forgotten = new Set<OfficeId>();
  #up: Intake | null = null;
  #isUp = false;

  constructor(line: SimLine, broker: SimBroker, witness: Witness) {
    this.#line = line;
    this.#broker = broker;
    this.#witness = witness;
  }

  async start(events: HeadLinkEvents): Promise<void> {
    const handle = (message: UpMessage | DownMessage) => {
      this.#witness.received(message);
      return events.onMessage(message as UpMessage);
    };
    this.#up = { queue: UP, turnOf: ({ lane }) => lane, handle, wanted: true };
    this.#line.take(this.#up);
    this.#line.start({
      onUp: () => {
        this.#isUp = true;
        this.#declareAll();
        events.onUp();
      },
      onDown: (reason) => {
        this.#isUp = false;
        events.onDown(reason);
      },
      onProblem: (type, detail) => events.onProblem({ type, detail }),
    });
  }

  async declareBranch(office: OfficeId, subscribe: Subscription | null, instance?: string): Promise<void> {
    if (subscribe !== null) this.#branches.set(office, subscribe);
    if (subscribe !== null) this.#forgotten.delete(office);
    if (this.#isUp) this.#declare(office, subscribe, instance);
  }

  async forgetBranch(office: OfficeId): Promise<void> {
    this.#branches.delete(office);
    this.#forgotten.add(office);
    if (this.#isUp) this.#forget();
  }

  sendControl(office: OfficeId, message: ControlMessage, instance?: string): Promise<void> {
    this.#witness.sent(message, office);
    if (this.#isUp) this.#broker.declare(controlName(office, instance));
    return this.#line.publish({ to: 'control', office, instance }, message);
  }

  publishFeed(run: FeedRun): Promise<void> {
    this.#witness.sent(run, run.stream);
    return this.#line.publish({ to: 'feed', stream: run.stream }, run);
  }

  async consumeUp(wanted: boolean): Promise<void> {
    if (wanted && this.#isUp) this.#broker.declare(UP); // it may have been deleted meanwhile
    if (this.#up !== null) this.#line.want(this.#up, wanted);
  }

  async stop(): Promise<void> {
    this.#line.stop();
  }

  #declareAll(): void {
    this.#broker.declare(UP);
    for (const [office, subscribe] of this.#branches) this.#declare(office, subscribe);
    this.#forget();
  }

  #declare(office: OfficeId, subscribe: Subscription | null, instance?: string): void {
    this.#broker.declare(controlName(office, instance));
    if (subscribe !== null) this.#broker.declareFeed(office, subscribe);
  }

  #forget(): void {
    for (const office of this.#forgotten) this.#broker.remove(office);
    this.#forgotten.clear();
  }
}
