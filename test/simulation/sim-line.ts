import { DomainError, isTransient } from '../../domain/errors.ts';
import type { Intake, LineEvents } from './line-ends.ts';
import { isSilent, type Path, Way } from './path.ts';
import type { Prng } from './prng.ts';
import { type Message, readItem, sizeOf } from './carry.ts';
import type { Route, SimBroker } from './sim-broker.ts';
import type { Consumer, Item } from './sim-queue.ts';
import { waitForConfirm } from './wait-for-confirm.ts';
import type { World } from './world.ts';

interface Sent {
  readonly reject: (error: Error) => void;
}

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
  #isBlocked = false;
  /** What is to be sent when the broker takes it again. */
  #held: (() => void)[] = [];
  #progressMs = 0;
  /** For a way to the broker. */
  #isWaiting = false;
  #wasSilent = false;
  /** A connection is a life of its own: what belongs to an earlier one is nobody's any more. */
  #generation = 0;
  readonly #up: Way;
  readonly #down: Way;

  readonly #passes: (where: string) => void;

  /** `passes` is told of every place between two effects. */
  constructor(
    world: World,
    broker: SimBroker,
    name: string,
    path: Path,
    passes: (where: string) => void = () => {},
  ) {
    this.#passes = passes;
    this.#world = world;
    this.#broker = broker;
    this.#name = name;
    this.path = path;
    this.#chance = world.chance(`line ${name}`);
    this.#up = new Way(world, this.#chance, path);
    this.#down = new Way(world, this.#chance, path);
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
    this.lookForBroker();
    if (this.path.isCut) this.drop('the path is cut');
    if (!isSilent(this.path)) return this.#endSilence();
    this.#wasSilent = true;
    const generation = this.#generation;
    this.#world.after(MISSED_HEARTBEAT_MS, () => {
      if (generation === this.#generation && isSilent(this.path)) this.drop('heartbeat missed');
    });
  }

  /** Connects soon if nothing stands in the way any more. */
  lookForBroker(): void {
    if (!this.#isWaiting || this.path.isCut || isSilent(this.path) || !this.#broker.isUp) return;
    this.#isWaiting = false;
    this.#connectLater(this.#chance.between(0, 5_000));
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

  /** The broker says that it takes nothing, or that it takes again; what it has it hands out all the same. */
  block(isBlocked: boolean): void {
    if (!this.#isUp || this.#isBlocked === isBlocked) return;
    this.#isBlocked = isBlocked;
    this.#world.say(this.#name, isBlocked ? 'blocked' : 'unblocked');
    if (isBlocked) {
      this.#events?.onDown('blocked: low on memory');
      return;
    }
    for (const send of this.#held.splice(0)) send();
    this.#events?.onUp();
  }

  publish(route: Route, message: Message): Promise<void> {
    if (this.#events !== null) this.#passes(`publish ${message.kind}`);
    if (this.#events === null) return new Promise(() => {});
    if (!this.#isUp) return Promise.reject(unavailable('not connected'));
    const copy = this.#broker.carry(message);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sent: Sent = { reject };
    const generation = this.#generation;
    this.#sent.add(sent);
    const settle = (error: Error | null): void => {
      if (!this.#sent.has(sent)) return;
      this.#passes(`confirm ${message.kind}`);
      if (!this.#sent.delete(sent)) return; // the process ended there
      stopWaiting();
      this.#progressMs = this.#world.nowMs;
      if (error === null) resolve();
      else reject(error);
    };
    const bytes = sizeOf(copy);
    const send = (): void => {
      this.#world.after(this.#up.take(bytes), () => this.#arrive(generation, route, copy, settle));
    };
    if (this.#isBlocked) this.#held.push(send);
    else send();
    const stopWaiting = waitForConfirm(this.#world, bytes, {
      isDue: () => this.#sent.has(sent) && generation === this.#generation,
      progressMs: () => (this.#isBlocked ? 0 : this.#progressMs),
      onLate: () => {
        const wasBlocked = this.#isBlocked;
        settle(unavailable('no confirm in time'));
        if (!wasBlocked) this.drop('the broker does not answer');
      },
    });
    return promise;
  }

  #arrive(generation: number, route: Route, message: Message, settle: (error: Error | null) => void): void {
    const isOver = generation !== this.#generation;
    if (this.path.isMute || (isOver && this.#chance.chance(0.5)) || !this.#broker.isUp) return;
    const isTaken = this.#broker.accept(route, message);
    this.#world.after(this.#down.take(0), () => {
      if (generation !== this.#generation || this.path.isDeaf) return;
      settle(isTaken ? null : new DomainError('link-unroutable', `nobody takes ${message.kind}`));
    });
  }

  #connectLater(delayMs: number): void {
    const { minMs, maxMs } = this.path;
    this.#world.after(delayMs + this.#chance.between(minMs, maxMs), () => this.#connect());
  }

  #connect(): void {
    if (this.#events === null || this.#isUp) return;
    // It is tried again and again; of that only the first try that can succeed is of interest.
    this.#isWaiting = this.path.isCut || isSilent(this.path) || !this.#broker.isUp;
    if (this.#isWaiting) return;
    this.#isUp = true;
    this.#world.say(this.#name, 'line up');
    this.#events.onUp();
    this.lookAgain();
    if (this.#broker.isBlocked) this.block(true);
  }

  #close(): void {
    this.#isUp = false;
    this.#isBlocked = false;
    this.#held = [];
    this.#up.clear();
    this.#down.clear();
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
        this.#world.after(this.#down.take(sizeOf(item.message)), () => {
          const isHeard = generation === this.#generation && !this.path.isDeaf && this.#events !== null;
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
    const message = readItem(item, (type, detail) => this.#events?.onProblem(type, detail));
    if (message === null) return this.#acknowledge(intake, consumer, item);
    for (let attempt = 1; isMine(); attempt++) {
      this.#passes(`take ${message.kind}`);
      if (!isMine()) return;
      const failure = await this.#attempt(intake, message);
      if (isMine()) this.#passes(`acknowledge ${message.kind}`);
      if (failure === null) return this.#acknowledge(intake, consumer, item);
      const error = failure.error;
      this.#events?.onProblem('handler-failed', error instanceof Error ? error.message : String(error));
      if (attempt >= MAX_ATTEMPTS && !isTransient(error)) return this.#acknowledge(intake, consumer, item);
      await this.#world.pause(Math.min(RETRY_MS * 2 ** (attempt - 1), RETRY_MAX_MS));
    }
  }

  async #attempt(intake: Intake, message: Message): Promise<{ error: unknown } | null> {
    try {
      await intake.handle(message);
      return null;
    } catch (error) {
      return { error };
    }
  }

  /** The acknowledgement may be lost with the connection: then the message comes again. */
  #acknowledge(intake: Intake, consumer: Consumer, item: Item): void {
    if (this.#consumers.get(intake) !== consumer || this.#events === null) return;
    const generation = this.#generation;
    this.#world.after(this.#up.take(0), () => {
      const isLost = generation !== this.#generation || this.path.isMute;
      if (!isLost) this.#broker.acknowledged(intake.queue, consumer, item);
    });
  }
}

function unavailable(reason: string): DomainError {
  return new DomainError('link-unavailable', reason);
}
