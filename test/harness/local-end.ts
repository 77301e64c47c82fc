// The near end of a line that a test puts between a program and a server.
import type { AddressInfo, Server } from 'node:net';

export interface Target {
  readonly host: string;
  readonly port: number;
}

const AMQP_PORT = 5672;

export function targetOf(url: string): Target {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) || AMQP_PORT };
}

/** On a free port of this machine. */
export function listenHere(server: Server): Promise<void> {
  return new Promise((done) => server.listen(0, '127.0.0.1', done));
}

/** The url with the listening `server` in place of the one that it names. */
export function throughHere(url: string, server: Server): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String((server.address() as AddressInfo).port);
  return changed.href;
}
