import type { Socket } from 'node:net';
import type { Hold } from './sql.ts';

/** Servers end a session that is silent for longer than `SILENCE_S`: then its machine is gone. */
const PING_MS = 10_000;
export const SILENCE_S = 60;

export interface HoldingConnection {
  readonly stream: Socket;
  ping(): Promise<unknown>;
  end(): Promise<unknown>;
}

/**
 * A lock that a server keeps for as long as a connection stands. Pings tell either side when the other one has gone
 * without a word.
 */
export function watchedHold({ stream, ping, end }: HoldingConnection): Hold {
  const lost = new Promise<void>((resolve) => {
    if (stream.destroyed) resolve();
    else stream.once('close', () => resolve());
  });
  const timer = setInterval(() => void ping().catch(() => stream.destroy()), PING_MS).unref();
  void lost.then(() => clearInterval(timer));
  return {
    lost,
    async release() {
      clearInterval(timer);
      await end().catch(() => stream.destroy());
    },
  };
}
