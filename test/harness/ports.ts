import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range that systems use for outgoing connections: a server that restarts must find its port still free.
const LOWEST = 20_000;
const HIGHEST = 32_000;

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

/** A port of 127.0.0.1 that nothing listens on; of so many that follow each other the first. */
export async function freePort(run = 1): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    const free = await Promise.all(Array.from({ length: run }, (_, index) => isFree(port + index)));
    if (!free.includes(false)) return port;
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST}`);
}
