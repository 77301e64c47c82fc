import type { ChainPoint } from '../../domain/chain.ts';
import type { LogRow } from '../store/store.ts';

/**
 * Which epoch this process writes in. A branch goes on in the one its log ends with. The head opens a new one with
 * its first event of each process, and whenever its log has gone back under it: a head that was restored from a
 * backup cannot tell, and must not give the names of lost events, which branches may hold, to other events
 * (docs/adr). The number is the time in seconds, so that two lives out of one backup differ.
 */
export class Life {
  #written: { readonly epoch: number; readonly seq: number } | null = null;

  tailFor(log: LogRow, nowMs: number): ChainPoint {
    if (log.role === 'branch') return log.tail;
    const written = this.#written;
    const goesOn = written !== null && log.tail.seq >= written.seq && log.tail.epoch >= written.epoch;
    if (goesOn) return log.tail;
    return { ...log.tail, epoch: nextEpoch(log.tail.epoch, nowMs) };
  }

  /** A commit came back. */
  wrote(tail: ChainPoint): void {
    this.#written = { epoch: tail.epoch, seq: tail.seq };
  }
}

/** The time in seconds, so that two lives that come out of one backup, of a branch or of the head, have two names. */
export function nextEpoch(last: number, nowMs: number): number {
  return Math.max(last + 1, Math.floor(nowMs / 1000));
}
