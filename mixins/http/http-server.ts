import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DomainError } from '../../domain/errors.ts';

export type { IncomingMessage, ServerResponse };
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** How long requests under way may take to end when the server stops. */
const STOP_GRACE_MS = 1_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** One listening socket. */
export class HttpServer {
  readonly #server: Server;

  constructor(handler: Handler) {
    this.#server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 65_000 }, handler);
    this.#server.on('clientError', answerNoRequest);
  }

  /** @throws DomainError `cannot-listen`, which says what to do about it */
  listen(host: string, port: number): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(host, port, error)));
      this.#server.listen(port, host, () => resolve(this.#server.address() as AddressInfo));
    });
  }

  /** Lets requests under way end, but not for long. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const deadline = setTimeout(() => this.#server.closeAllConnections(), STOP_GRACE_MS);
    await closed;
    clearTimeout(deadline);
  }
}

/** As Node itself answers these, see `clientError` in its documentation. */
const STATUSES: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
};

/** What is no HTTP request gets no handler; it is answered as all other refusals are. */
function answerNoRequest({ code = '', message }: NodeJS.ErrnoException, socket: Duplex): void {
  const isAnswered = (socket as Socket).bytesWritten > 0; // perhaps in the middle of another answer
  if (!socket.writable || isAnswered) {
    socket.destroy();
    return;
  }
  const [status, reason] = STATUSES[code] ?? [400, 'Bad Request'];
  const problem = {
    type: 'urn:branchline:problem:malformed-request',
    title: 'The request cannot be read',
    status,
    detail: `This is no HTTP request that can be read: ${message}`,
  };
  const body = `${JSON.stringify(problem)}\n`;
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: another program listens there, perhaps this office already runs. Set another PORT',
  EACCES: 'is not allowed to you. Set a PORT above 1023',
  EADDRNOTAVAIL: 'is no address of this machine. Correct HOST',
  ENOTFOUND: 'is not known. Correct HOST',
};

function cannotListen(
  host: string,
  port: number,
  { code = '', message }: NodeJS.ErrnoException,
): DomainError {
  const reason = REASONS[code] ?? `cannot be listened on: ${message}`;
  return new DomainError('cannot-listen', `${host}:${port} ${reason}.`, { host, port, code });
}

/** Addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
