import { DomainError } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type { DownMessage, UpMessage } from '../../domain/sync/messages.ts';
import { decodeDown, encodeMessage } from './envelope.ts';
import type { InProcessEnd, InProcessLines } from './in-process-lines.ts';
import { Intake } from './intake.ts';
import { LinkState } from './link-state.ts';
import type { BranchLink, BranchLinkEvents } from './link.ts';
import { noHead } from './memory-exchange.ts';
import { breakOff, stopInTime, type MemoryConsumer, type MemoryQueue } from './memory-queue.ts';

export class InProcessBranchLink implements BranchLink, InProcessEnd {
  readonly office: OfficeId;
  readonly #instance: string | undefined;
  readonly #lines: InProcessLines;
  #intake!: Intake<DownMessage>;
  #state!: LinkState;
  #connected = false;
  #trouble = new DomainError('link-unavailable', 'Not connected yet');
  #feedWanted = true;
  #control: MemoryConsumer | undefined;
  #feed: MemoryConsumer | undefined;

  constructor(lines: InProcessLines, office: OfficeId, instance: string | undefined) {
    this.#lines = lines;
    this.office = office;
    this.#instance = instance;
  }

  async start(events: BranchLinkEvents): Promise<void> {
    this.#state = new LinkState(events);
    this.#intake = new Intake<DownMessage>({
      read: (delivery) => decodeDown(delivery.body),
      handle: (message) => events.onMessage(message),
      onProblem: (problem) => this.#state.problem(problem),
      exclusive: true,
      retryMs: this.#lines.retryMs,
    });
    this.#lines.attach(this);
  }

  async send(message: UpMessage): Promise<void> {
    const body = encodeMessage(message);
    if (!this.#connected) throw this.#trouble;
    this.#lines.exchange.sendUp(this.office, body);
  }

  async consumeFeed(wanted: boolean): Promise<void> {
    this.#feedWanted = wanted;
    if (wanted) this.lookAgain();
    else void this.#stopFeed();
  }

  async stop(): Promise<void> {
    const inHand = [this.#control, this.#feed];
    await stopInTime(inHand, this.#lines.stopMs);
    this.#state.end();
    this.disconnect('The link was stopped');
    this.#lines.detach(this);
  }

  connect(): void {
    if (this.#connected) return;
    if (!this.#lines.exchange.up) {
      this.#fail(noHead());
      return;
    }
    this.#connected = true;
    this.lookAgain();
    this.#state.up();
  }

  disconnect(reason: string): void {
    this.#connected = false;
    breakOff([this.#control, this.#feed]);
    this.#control = undefined;
    this.#feed = undefined;
    this.#fail(new DomainError('link-unavailable', reason));
  }

  lookAgain(): void {
    if (!this.#connected) return;
    const { exchange } = this.#lines;
    this.#control ??= this.#consume(exchange.control(this.office, this.#instance));
    if (this.#feedWanted) this.#feed ??= this.#consume(exchange.feed(this.office));
  }

  #consume(queue: MemoryQueue | undefined): MemoryConsumer | undefined {
    return queue?.consume((delivery) => this.#intake.accept(delivery));
  }

  async #stopFeed(): Promise<void> {
    const feed = this.#feed;
    this.#feed = undefined;
    await feed?.stop();
  }

  #fail(trouble: DomainError): void {
    this.#trouble = trouble;
    this.#state.down(trouble.message);
  }
}
