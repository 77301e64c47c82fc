import { DomainError } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type { ControlMessage, FeedRun, Subscription, UpMessage } from '../../domain/sync/messages.ts';
import { encodeMessage } from './envelope.ts';
import type { InProcessEnd, InProcessLines } from './in-process-lines.ts';
import { Intake } from './intake.ts';
import { LinkState } from './link-state.ts';
import type { HeadLink, HeadLinkEvents } from './link.ts';
import { breakOff, stopInTime, type MemoryConsumer } from './memory-queue.ts';
import { readUp } from './read-up.ts';
import { assertRoutable } from './streams.ts';

export class InProcessHeadLink implements HeadLink, InProcessEnd {
  readonly office = null;
  readonly #lines: InProcessLines;
  readonly #branches = new Map<OfficeId, Subscription>();
  readonly #forgotten = new Set<OfficeId>();
  #intake!: Intake<UpMessage>;
  #state!: LinkState;
  #connected = false;
  #trouble = 'Not connected yet';
  #upWanted = true;
  #up: MemoryConsumer | undefined;

  constructor(lines: InProcessLines) {
    this.#lines = lines;
  }

  async start(events: HeadLinkEvents): Promise<void> {
    this.#state = new LinkState(events);
    this.#intake = new Intake<UpMessage>({
      read: readUp,
      handle: (message) => events.onMessage(message),
      onProblem: (problem) => this.#state.problem(problem),
      exclusive: false,
      officeOf: (delivery) => delivery.lane,
      retryMs: this.#lines.retryMs,
    });
    this.#lines.attach(this);
  }

  async declareBranch(office: OfficeId, subscribe: Subscription | null, instance?: string): Promise<void> {
    assertRoutable(office, instance);
    if (subscribe) this.#branches.set(office, subscribe);
    if (subscribe) this.#forgotten.delete(office);
    if (this.#connected) this.#declare(office, subscribe, instance);
  }

  async forgetBranch(office: OfficeId): Promise<void> {
    assertRoutable(office);
    this.#branches.delete(office);
    this.#forgotten.add(office);
    if (this.#connected) this.#forget();
  }

  async sendControl(office: OfficeId, message: ControlMessage, instance?: string): Promise<void> {
    const body = this.#encode(message);
    if (!this.#lines.exchange.control(office, instance)) this.#declare(office, null, instance);
    this.#lines.exchange.sendControl(office, instance, body);
  }

  async publishFeed(run: FeedRun): Promise<void> {
    this.#lines.exchange.publishFeed(run.stream, this.#encode(run));
  }

  async consumeUp(wanted: boolean): Promise<void> {
    this.#upWanted = wanted;
    if (wanted) this.lookAgain();
    else void this.#stopUp();
  }

  async stop(): Promise<void> {
    await stopInTime([this.#up], this.#lines.stopMs);
    this.#state.end();
    this.disconnect('The link was stopped');
    this.#lines.detach(this);
  }

  connect(): void {
    if (this.#connected) return;
    this.#connected = true;
    this.#declareAll();
    this.lookAgain();
    this.#state.up();
  }

  disconnect(reason: string): void {
    this.#connected = false;
    this.#trouble = reason;
    breakOff([this.#up]);
    this.#up = undefined;
    this.#state.down(reason);
  }

  lookAgain(): void {
    if (!this.#connected || !this.#upWanted) return;
    this.#up ??= this.#lines.exchange.up?.consume((delivery) => this.#intake.accept(delivery));
  }

  #encode(message: ControlMessage | FeedRun): Uint8Array {
    const body = encodeMessage(message);
    if (!this.#connected) throw new DomainError('link-unavailable', this.#trouble);
    return body;
  }

  #declareAll(): void {
    this.#lines.exchange.declareUp();
    for (const [office, subscribe] of this.#branches) this.#declare(office, subscribe);
    this.#forget();
    this.#lines.declared();
  }

  #declare(office: OfficeId, subscribe: Subscription | null, instance?: string): void {
    this.#lines.exchange.declareControl(office, instance);
    if (subscribe) this.#lines.exchange.declareFeed(office, subscribe);
    this.#lines.declared();
  }

  #forget(): void {
    for (const office of this.#forgotten) this.#lines.exchange.remove(office);
    for (const office of this.#forgotten) this.#lines.removed(office);
    this.#forgotten.clear();
  }

  async #stopUp(): Promise<void> {
    const up = this.#up;
    this.#up = undefined;
    await up?.stop();
  }
}
