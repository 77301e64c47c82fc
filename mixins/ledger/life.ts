import type { ChainPoint } from '../../domain/chain.ts';
import type { Ports } from '../../domain/ports.ts';
import type { LogRow } from '../store/store.ts';

/**
 * Which epoch this process writes in. A branch goes on in the one its log ends with. The head opens a new one with
 * its first event of each process, and whenever its log has gone back under it: a head that was restored from a
 * backup cannot tell, and must not give the names of lost events, which branches may hold, to other events
 * (docs/adr). See `nextEpoch` for the number.
 */
export class Life {
  #written: { readonly epoch: number; readonly seq: number } | null = null;

  tailFor(log: LogRow, ports: Ports): ChainPoint {
    if (log.role === 'branch') return log.tail;
    const written = this.#written;
    const goesOn = written !== null && log.tail.seq >= written.seq && log.tail.epoch >= written.epoch;
    if (goesOn) return log.tail;
    return { ...log.tail, epoch: nextEpoch(log.tail.epoch, ports) };
  }

  /** A commit came back. */
  wrote(tail: ChainPoint): void {
    this.#written = { epoch: tail.epoch, seq: tail.seq };
  }
}

/** Where the clock has been set back, lives are told apart by this many numbers. */
const APART = 1_000_000;

/**
 * The time in milliseconds, so that two lives that come out of one backup, of a branch or of the head, have two
 * names. A clock that is behind the last life gives the same time again some day: then it is left to chance.
 */
export function nextEpoch(last: number, ports: Ports): number {
  const nowMs = ports.nowMs();
  return nowMs > last ? nowMs : last + 1 + Math.floor(ports.random() * APART);
}
