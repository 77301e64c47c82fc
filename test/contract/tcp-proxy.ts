import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenHere, type Target, targetOf, throughHere } from '../harness/local-end.ts';

const PARTS_PER_SECOND = 10;

/** A line between a client and a server that can be cut, and that can go silent while it seems to stand. */
export class TcpProxy {
  readonly #target: Target;
  readonly #server: Server;
  readonly #pairs = new Set<Socket>();
  readonly #servers = new Set<Socket>();
  readonly #silenced = new WeakSet<Socket>();
  #bytesPerSecond = Infinity;
  #bytesLeft = Infinity;
  #isCut = false;

  private constructor(target: Target) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async open(url: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetOf(url));
    await listenHere(proxy.#server);
    return proxy;
  }

  /** The url with this proxy in place of the server. */
  through(url: string): string {
    return throughHere(url, this.#server);
  }

  get connections(): number {
    return this.#pairs.size / 2;
  }

  /** Ends what is connected and what tries to be. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#pairs) socket.destroy();
  }

  join(): void {
    this.#isCut = false;
    this.#bytesLeft = Infinity;
  }

  /** So many bytes more go through from all clients together; the rest waits, until the line is cut and joined. */
  endAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  /** Whether something has been kept back. */
  get isAtEnd(): boolean {
    return this.#bytesLeft === 0;
  }

  /** So many bytes go through from each client from now on. */
  slow(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Passes nothing on any more; nobody is told. New connections are not affected. */
  silence(): void {
    for (const socket of this.#pairs) this.#silenced.add(socket);
  }

  /** What the server says does not come through any more; it still hears what is said to it. */
  muffle(): void {
    for (const socket of this.#servers) this.#silenced.add(socket);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((done) => this.#server.close(done));
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined);
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const server = connect(this.#target);
    server.on('error', () => undefined);
    this.#servers.add(server);
    server.on('close', () => this.#servers.delete(server));
    this.#join(client, server, server);
    this.#join(server, client, server);
  }

  /** A silenced line does not tell the client either that the server hung up. */
  #join(from: Socket, to: Socket, server: Socket): void {
    from.setNoDelay(true);
    this.#pairs.add(from);
    from.on('data', (chunk: Buffer) => {
      if (this.#silenced.has(from)) return;
      if (from === server) to.write(chunk);
      else if (this.#bytesLeft !== Infinity) this.#passWhatIsLeft(chunk, from, to);
      else if (this.#bytesPerSecond === Infinity) to.write(chunk);
      else this.#passSlowly(chunk, from, to);
    });
    from.on('close', () => {
      this.#pairs.delete(from);
      if (from !== server || !this.#silenced.has(from)) to.destroy();
    });
  }

  #passWhatIsLeft(chunk: Buffer, from: Socket, to: Socket): void {
    const passed = chunk.subarray(0, this.#bytesLeft);
    this.#bytesLeft -= passed.length;
    to.write(passed);
    if (passed.length < chunk.length) from.pause();
  }

  #passSlowly(chunk: Buffer, from: Socket, to: Socket): void {
    from.pause();
    const part = chunk.subarray(0, Math.max(1, Math.floor(this.#bytesPerSecond / PARTS_PER_SECOND)));
    const rest = chunk.subarray(part.length);
    const pass = (): void => {
      to.write(part);
      if (rest.length > 0) this.#passSlowly(rest, from, to);
      else from.resume();
    };
    setTimeout(pass, (part.length / this.#bytesPerSecond) * 1_000);
  }
}
