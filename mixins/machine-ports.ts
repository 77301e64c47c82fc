import { hash } from 'node:crypto';
import { v7 } from 'uuid';
import type { Ports } from '../domain/ports.ts';

/** What the pure code needs of this machine: its hashing, clock and chance. */
export const machinePorts: Ports = {
  // One call into the engine costs less than a hash object, even where parts have to be joined for it.
  sha256: (...parts) => hash('sha256', parts.length === 1 ? parts[0]! : Buffer.concat(parts), 'buffer'),
  nowMs: () => Date.now(),
  newId: () => v7(),
  random: () => Math.random(),
};
