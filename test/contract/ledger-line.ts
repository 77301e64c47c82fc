import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a database server that can be cut, or lose what the server answers. */
export class LedgerLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #losesAnswers = false;
  #joinsWhenTried = false;

  static async open(databaseUrl: string): Promise<LedgerLine> {
    const { hostname, port } = new URL(databaseUrl);
    const line = new LedgerLine({ host: hostname, port: Number(port) });
    await new Promise<void>((done) => line.#server.listen(0, '127.0.0.1', done));
    return line;
  }

  constructor(target: { host: string; port: number }) {
    this.#server = createServer((client) => this.#accept(client, target));
  }

  /** The url with this line in place of the server. */
  through(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Comes back after somebody found it cut. */
  cutUntilTried(): void {
    this.cut();
    this.#joinsWhenTried = true;
  }

  join(): void {
    this.#isCut = false;
  }

  /** On the connections that stand now: what is asked gets through, what is answered does not. */
  swallowAnswers(): void {
    this.#losesAnswers = true;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((done) => this.#server.close(done));
  }

  #accept(client: Socket, target: { host: string; port: number }): void {
    client.on('error', () => undefined);
    if (this.#isCut) {
      if (this.#joinsWhenTried) this.#isCut = this.#joinsWhenTried = false;
      return void client.resetAndDestroy();
    }
    this.#losesAnswers = false;
    const server = connect(target);
    server.on('error', () => undefined);
    this.#pass(client, server, () => true);
    this.#pass(server, client, () => !this.#losesAnswers);
  }

  #pass(from: Socket, to: Socket, passes: () => boolean): void {
    from.setNoDelay(true);
    this.#sockets.add(from);
    from.on('data', (chunk) => passes() && to.write(chunk));
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
