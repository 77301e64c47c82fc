import type { ChainPoint } from '../chain.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { DomainEvent, LoggedEvent } from '../event.ts';

/**
 * Repairs a fork of one office's log. The head holds the accepted history; events that another life of the office
 * wrote after the last common place are written again after it, in an epoch that the head granted, with the
 * context they really had: their new clocks claim to have seen what they saw, and nothing of the accepted tail,
 * so that an edit made blindly in both lives is found to be concurrent. What an earlier repair had joined stays
 * apart too: events that were in different epochs before are in different ones again.
 */
export interface Fork {
  /** Last place that both histories share. */
  readonly commonSeq: number;
  /** What the accepted history holds after it, as far as it may have the same events. */
  readonly tail: readonly LoggedEvent[];
  /** What the other life wrote after it, in order. */
  readonly diverging: readonly LoggedEvent[];
  /** Where the log goes on: the end of the accepted history. */
  readonly end: ChainPoint;
  /** The first of the epochs granted; every epoch of the other life takes the next one. */
  readonly epoch: number;
  /** Highest seq, up to the common place, of a life's events on an entity; 0 for none. */
  readonly lastSharedSeq: (entity: string, life: string) => number;
  /** Of the entities that `recountedEntities` names: their events but for those of the two lives. */
  readonly recounted: ReadonlyMap<string, readonly DomainEvent[]>;
  readonly datasetNamed: (name: string) => Dataset | null;
}
