import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type ChannelModel } from 'amqplib';
import type { Settings } from './amqp-options.ts';

const CLOSE_MS = 2_000;

/**
 * Two connections that live and die together: a broker that is short of memory stops reading from those
 * that publish, and acknowledgements must not wait behind that.
 */
export interface Line {
  readonly publishing: ChannelModel;
  readonly consuming: ChannelModel;
  /** Resolves when the line is no more, with the reason. */
  readonly lost: Promise<Error>;
  /** Gives the line up. */
  lose(reason: Error): void;
  /** Closes in order; what does not answer is cut off. */
  close(): Promise<void>;
}

/** Opens both connections. `signal` ends an attempt under way, never an open line. */
export async function openLine(settings: Settings, name: string, signal: AbortSignal): Promise<Line> {
  const sockets = new AbortController();
  const giveUp = (): void => sockets.abort();
  signal.addEventListener('abort', giveUp, { once: true });
  const { promise: lost, resolve: lose } = Promise.withResolvers<Error>();
  try {
    signal.throwIfAborted();
    const open = (purpose: string): Promise<ChannelModel> =>
      openConnection(settings, `${name} (${purpose})`, sockets.signal, lose);
    const [publishing, consuming] = await Promise.all([open('publish'), open('consume')]);
    return { publishing, consuming, lost, lose, close: () => closeAll([publishing, consuming], sockets) };
  } catch (error) {
    sockets.abort();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function openConnection(
  settings: Settings,
  connectionName: string,
  signal: AbortSignal,
  lose: (reason: Error) => void,
): Promise<ChannelModel> {
  const socket = {
    ...settings.tls,
    noDelay: true, // without it, every acknowledgement waits for the one before
    timeout: settings.connectMs,
    clientProperties: { connection_name: connectionName },
    signal,
  };
  const model = await connect(settings.server, socket);
  model.on('error', lose);
  model.on('close', (error) => lose(error ?? new Error('The connection was closed')));
  return model;
}

/** amqplib does not answer `close` when the connection breaks meanwhile, but it tells that it is closed. */
function closeConnection(connection: ChannelModel): Promise<unknown> {
  return Promise.race([connection.close(), once(connection, 'close')]);
}

async function closeAll(connections: readonly ChannelModel[], sockets: AbortController): Promise<void> {
  const timer = new AbortController();
  const deadline = pause(CLOSE_MS, undefined, { signal: timer.signal }).catch(() => undefined);
  const closed = Promise.allSettled(connections.map(closeConnection));
  await Promise.race([closed, deadline]);
  timer.abort();
  sockets.abort();
}
