import { DomainError, isTransient } from '../../domain/errors.ts';
import type { Prng } from './prng.ts';
import type { Message } from './carry.ts';
import type { Consumer, Item, Route, SimBroker } from './sim-broker.ts';
import type { World } from './world.ts';

/** The way from an office to the broker: how slow it is, and whether it is there. */
export interface Path {
  minMs: number;
  maxMs: number;
  /** Connections break and cannot be made. */
  isCut: boolean;
  /** Nothing gets through, and nobody is told until the heartbeat is missed. */
  isSilent: boolean;
}

export interface LineEvents {
  onUp(): void;
  onDown(reason: string): void;
  /** A handler failed, or a message was given up. */
  onProblem(type: string, detail: string): void;
}

export interface Intake {
  readonly queue: string;
  /** Deliveries of one turn are handled one after another. */
  turnOf(item: Item): string;
  handle(message: Message): Promise<void>;
  wanted: boolean;
}

interface Sent {
  readonly reject: (error: Error) => void;
}

const CONFIRM_MS = 15_000;
const MAX_ATTEMPTS = 6;
const RETRY_MS = 500;
const RETRY_MAX_MS = 30_000;
const MISSED_HEARTBEAT_MS = 20_000;

/** The connection of one process to the broker, made again and again while the process lives. */
export class SimLine {
  readonly path: Path;
  readonly #world: World;
  readonly #broker: SimBroker;
  readonly #chance: Prng;
  readonly #name: string;
  readonly #intakes: Intake[] = [];
  readonly #consumers = new Map<Intake, Consumer>();
  readonly #sent = new Set<Sent>();
  readonly #turns = new Map<string, Promise<void>>();
  #events: LineEvents | null = null;
  #isUp = false;
  #wasSilent = false;
  /** A connection is a life of its own: what belongs to an earlier one is nobody's any more. */
  #generation = 0;
  #upstreamMs = 0;
  #downstreamMs = 0;

  constructor(world: World, broker: SimBroker, name: string, path: Path) {
    this.#world = world;
    this.#broker = broker;
    this.#name = name;
    this.path = path;
    this.#chance = world.chance(`line ${name}`);
  }

  start(events: LineEvents): void {
    this.#events = events;
    this.#broker.lines.add(this);
    this.#connectLater(0);
  }

  /** In good order. */
  stop(): void {
    this.drop('stopped');
    this.die();
  }

  /** The process is gone; the broker notices after a while. */
  die(): void {
    if (this.#events === null) return;
    this.#events = null;
    this.#sent.clear(); // nobody is there to hear of it
    this.#broker.lines.delete(this);
    const generation = this.#generation;
    this.#world.after(this.#chance.between(0, 5_000), () => {
      if (generation === this.#generation) this.#close();
    });
  }

  drop(reason: string): void {
    if (!this.#isUp) return;
    this.#world.say(this.#name, `line down: ${reason}`);
    this.#close();
    const sent = [...this.#sent];
    this.#sent.clear();
    this.#events?.onDown(reason);
    for (const { reject } of sent) reject(unavailable(reason));
    this.#connectLater(this.#chance.between(100, 3_000));
  }

  /** The path has changed. */
  noticePath(): void {
    if (this.path.isCut) this.drop('the path is cut');
    if (!this.path.isSilent) return this.#endSilence();
    this.#wasSilent = true;
    const generation = this.#generation;
    this.#world.after(MISSED_HEARTBEAT_MS, () => {
      if (generation === this.#generation && this.path.isSilent) this.drop('heartbeat missed');
    });
  }

  /** What was sent into the silence is gone, and with it the connection. */
  #endSilence(): void {
    if (this.#wasSilent) this.drop('connection reset');
    this.#wasSilent = false;
  }

  take(intake: Intake): void {
    this.#intakes.push(intake);
    this.lookAgain();
  }

  want(intake: Intake, wanted: boolean): void {
    intake.wanted = wanted;
    if (wanted) this.lookAgain();
    else this.#stopConsuming(intake);
  }

  lookAgain(): void {
    if (!this.#isUp || this.#events === null) return;
    for (const intake of this.#intakes)
      if (intake.wanted && !this.#consumers.has(intake)) this.#consume(intake);
  }

  publish(route: Route, message: Message): Promise<void> {
    if (this.#events === null) return new Promise(() => {});
    if (!this.#isUp) return Promise.reject(unavailable('not connected'));
    const copy = this.#broker.carry(message);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sent: Sent = { reject };
    const generation = this.#generation;
    this.#sent.add(sent);
    const settle = (error: Error | null): void => {
      if (!this.#sent.delete(sent)) return;
      if (error === null) resolve();
      else reject(error);
    };
    this.#world.after(this.#upstream(), () => this.#arrive(generation, route, copy, settle));
    this.#world.after(CONFIRM_MS, () => {
      if (!this.#sent.has(sent) || generation !== this.#generation) return;
      settle(unavailable('no confirm in time'));
      this.drop('the broker does not answer');
    });
    return promise;
  }

  #arrive(generation: number, route: Route, message: Message, settle: (error: Error | null) => void): void {
    const isOver = generation !== this.#generation;
    if (this.path.isSilent || (isOver && this.#chance.chance(0.5)) || !this.#broker.isUp) return;
    const isTaken = this.#broker.accept(route, message);
    this.#world.after(this.#downstream(), () => {
      if (generation !== this.#generation || this.path.isSilent) return;
      settle(isTaken ? null : new DomainError('link-unroutable', `nobody takes ${message.kind}`));
    });
  }

  #connectLater(delayMs: number): void {
    const { minMs, maxMs } = this.path;
    this.#world.after(delayMs + this.#chance.between(minMs, maxMs), () => this.#connect());
  }

  #connect(): void {
    if (this.#events === null || this.#isUp) return;
    if (this.path.isCut || this.path.isSilent || !this.#broker.isUp) {
      this.#connectLater(this.#chance.between(500, 5_000));
      return;
    }
    this.#isUp = true;
    this.#world.say(this.#name, 'line up');
    this.#events.onUp();
    this.lookAgain();
  }

  #close(): void {
    this.#isUp = false;
    this.#generation += 1;
    for (const [intake, consumer] of this.#consumers) this.#broker.leave(intake.queue, consumer);
    this.#consumers.clear();
  }

  #consume(intake: Intake): void {
    const generation = this.#generation;
    const consumer: Consumer = {
      line: this,
      inHand: new Set(),
      hand: (item) => {
        this.#world.after(this.#downstream(), () => {
          const isHeard = generation === this.#generation && !this.path.isSilent && this.#events !== null;
          if (isHeard) this.#deliver(intake, consumer, item);
        });
      },
    };
    this.#consumers.set(intake, consumer);
    if (!this.#broker.consume(intake.queue, consumer)) this.#consumers.delete(intake);
  }

  #stopConsuming(intake: Intake): void {
    const consumer = this.#consumers.get(intake);
    if (consumer === undefined) return;
    this.#consumers.delete(intake);
    this.#broker.leave(intake.queue, consumer);
  }

  #deliver(intake: Intake, consumer: Consumer, item: Item): void {
    const turn = intake.turnOf(item);
    const before = this.#turns.get(turn) ?? Promise.resolve();
    this.#turns.set(
      turn,
      before.then(() => this.#handle(intake, consumer, item)),
    );
  }

  async #handle(intake: Intake, consumer: Consumer, item: Item): Promise<void> {
    const isMine = () => this.#consumers.get(intake) === consumer && this.#events !== null;
    for (let attempt = 1; isMine(); attempt++) {
      const failure = await this.#attempt(intake, item);
      if (failure === null) return this.#acknowledge(intake, consumer, item);
      const error = failure.error;
      this.#events?.onProblem('handler-failed', error instanceof Error ? error.message : String(error));
      if (attempt >= MAX_ATTEMPTS && !isTransient(error)) return this.#acknowledge(intake, consumer, item);
      await this.#world.pause(Math.min(RETRY_MS * 2 ** (attempt - 1), RETRY_MAX_MS));
    }
  }

  async #attempt(intake: Intake, item: Item): Promise<{ error: unknown } | null> {
    try {
      await intake.handle(item.message);
      return null;
    } catch (error) {
      return { error };
    }
  }

  /** The acknowledgement may be lost with the connection: then the message comes again. */
  #acknowledge(intake: Intake, consumer: Consumer, item: Item): void {
    if (this.#consumers.get(intake) !== consumer) return;
    const generation = this.#generation;
    this.#world.after(this.#upstream(), () => {
      const isLost = generation !== this.#generation || this.path.isSilent;
      if (!isLost) this.#broker.acknowledged(intake.queue, consumer, item);
    });
  }

  /** What one side sends arrives in order. */
  #upstream(): number {
    this.#upstreamMs = this.#next(this.#upstreamMs);
    return this.#upstreamMs - this.#world.nowMs;
  }

  #downstream(): number {
    this.#downstreamMs = this.#next(this.#downstreamMs);
    return this.#downstreamMs - this.#world.nowMs;
  }

  #next(lastMs: number): number {
    const { minMs, maxMs } = this.path;
    return Math.max(lastMs + 0.01, this.#world.nowMs + this.#chance.between(minMs, maxMs));
  }
}

function unavailable(reason: string): DomainError {
  return new DomainError('link-unavailable', reason);
}
