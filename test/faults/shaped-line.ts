// A line between offices and their broker as bad as one likes. It shapes what TCP shows to a program: bytes come
// late, in order and whole, or not at all; a lost packet is a pause until it was sent again.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenHere, type Target, targetOf, throughHere } from '../harness/local-end.ts';

export interface Shape {
  /** Each way, shared by all connections. */
  readonly bitsPerSecond?: number;
  /** One way. */
  readonly latencyMs?: number;
  /** Share of packets that are lost, 0 to 1. */
  readonly loss?: number;
}

const SEGMENT_BYTES = 1460;
/** Of one connection, one way: what is under way and not yet acknowledged. */
const WINDOW_BYTES = 64 * 1024;
/** RFC 6298 as Linux has it: at least this, doubled each time the packet is lost again. */
const RETRANSMIT_MS = 200;
const LONGEST_RETRANSMIT_MS = 60_000;

type Direction = 'up' | 'down';

export class ShapedLine {
  readonly #target: Target;
  readonly #server: Server;
  readonly #ways = new Set<Way>();
  readonly #busyUntilMs = { up: 0, down: 0 };
  /** When connections were asked for. */
  readonly attemptsAtMs: number[] = [];
  #shape: Shape = {};
  #isCut = false;
  #isParted = false;
  #bytesLeft = Infinity;

  private constructor(target: Target) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async open(url: string): Promise<ShapedLine> {
    const line = new ShapedLine(targetOf(url));
    await listenHere(line.#server);
    return line;
  }

  /** The url with this line in place of the broker. */
  through(url: string): string {
    return throughHere(url, this.#server);
  }

  shape(shape: Shape): void {
    this.#shape = shape;
  }

  /** Nothing passes either way, on no connection, and nobody is told; `heal` lets it pass. */
  part(): void {
    this.#isParted = true;
  }

  /** Parts the line when so many more bytes have gone up: in the middle of what is being sent. */
  partAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  get isParted(): boolean {
    return this.#isParted;
  }

  heal(): void {
    this.#isParted = false;
    this.#bytesLeft = Infinity;
    for (const way of this.#ways) way.deliver();
  }

  /** Ends what is connected and what tries to be. */
  cut(): void {
    this.#isCut = true;
    for (const way of this.#ways) way.destroy();
    this.#busyUntilMs.up = this.#busyUntilMs.down = 0; // with what was under way
  }

  join(): void {
    this.#isCut = false;
  }

  /** Connections that say this of themselves carry nothing any more, for good; new ones do. Resolves with how many. */
  silence(words: string): number {
    const silenced = [...this.#ways].filter((way) => way.direction === 'up' && way.said.includes(words));
    for (const way of silenced) way.silence();
    return silenced.length;
  }

  async close(): Promise<void> {
    this.heal();
    this.cut();
    await new Promise((done) => this.#server.close(done));
  }

  /** When a segment that is handed over now arrives. */
  arrivalMs(direction: Direction, bytes: number): number {
    const { bitsPerSecond = Infinity, latencyMs = 0, loss = 0 } = this.#shape;
    const sentAtMs =
      Math.max(performance.now(), this.#busyUntilMs[direction]) + (bytes * 8_000) / bitsPerSecond;
    this.#busyUntilMs[direction] = sentAtMs;
    let lostMs = 0;
    for (let pauseMs = RETRANSMIT_MS + 2 * latencyMs; Math.random() < loss; pauseMs *= 2)
      lostMs += Math.min(pauseMs, LONGEST_RETRANSMIT_MS);
    return sentAtMs + latencyMs + lostMs;
  }

  /** Whether so many bytes may pass now. */
  mayPass(direction: Direction, bytes: number): boolean {
    if (this.#isParted) return false;
    if (direction === 'up') this.#bytesLeft -= bytes;
    if (this.#bytesLeft <= 0) this.#isParted = true;
    return !this.#isParted;
  }

  #accept(client: Socket): void {
    this.attemptsAtMs.push(performance.now());
    client.on('error', () => undefined);
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const server = connect(this.#target);
    server.on('error', () => undefined);
    const up = new Way(this, 'up', client, server);
    const down = new Way(this, 'down', server, client);
    up.back = down;
    down.back = up;
    for (const way of [up, down]) {
      this.#ways.add(way);
      way.onEnd = () => this.#ways.delete(way);
    }
  }
}

interface Segment {
  /** None: the sender has hung up. */
  readonly bytes: Buffer | null;
  readonly atMs: number;
}

/** One direction of one connection. */
class Way {
  readonly direction: Direction;
  readonly #line: ShapedLine;
  readonly #from: Socket;
  readonly #to: Socket;
  #segments: Segment[] = [];
  #pendingBytes = 0;
  #lastAtMs = 0;
  #isSilent = false;
  #timer: NodeJS.Timeout | undefined;
  /** The beginning of what the sender said. */
  said = '';
  back!: Way;
  onEnd = (): void => {};

  constructor(line: ShapedLine, direction: Direction, from: Socket, to: Socket) {
    this.#line = line;
    this.direction = direction;
    this.#from = from;
    this.#to = to;
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('close', () => this.#push(null));
  }

  silence(): void {
    for (const way of [this, this.back]) {
      way.#isSilent = true;
      way.#segments = [];
    }
  }

  destroy(): void {
    this.#from.destroy();
    this.#to.destroy();
    this.#end();
  }

  deliver(): void {
    clearTimeout(this.#timer);
    for (let next = this.#segments[0]; next; next = this.#segments[0]) {
      const waitMs = next.atMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.deliver(), waitMs);
        return;
      }
      if (!this.#line.mayPass(this.direction, next.bytes?.length ?? 0)) return;
      this.#segments.shift();
      this.#pass(next);
    }
  }

  #take(chunk: Buffer): void {
    if (this.said.length < 4_000) this.said += chunk.toString('latin1');
    for (let at = 0; at < chunk.length; at += SEGMENT_BYTES)
      this.#push(chunk.subarray(at, at + SEGMENT_BYTES));
    if (this.#pendingBytes > WINDOW_BYTES) this.#from.pause();
  }

  #push(bytes: Buffer | null): void {
    if (this.#isSilent) return;
    const arrivalMs = this.#line.arrivalMs(this.direction, bytes?.length ?? 0);
    this.#lastAtMs = Math.max(this.#lastAtMs, arrivalMs);
    this.#pendingBytes += bytes?.length ?? 0;
    this.#segments.push({ bytes, atMs: this.#lastAtMs });
    if (this.#segments.length === 1) this.deliver();
  }

  #pass({ bytes }: Segment): void {
    if (bytes === null) {
      this.#to.destroy();
      this.#end();
      return;
    }
    this.#pendingBytes -= bytes.length;
    this.#to.write(bytes);
    if (this.#pendingBytes <= WINDOW_BYTES) this.#from.resume();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#segments = [];
    this.onEnd();
  }
}
