import type { OfficeId } from '../../domain/event.ts';
import type { MemoryExchange } from './memory-exchange.ts';

/** One end of a link, as the hub sees it. */
export interface InProcessEnd {
  /** Whose line it hangs on; the head's is everybody's. */
  readonly office: OfficeId | null;
  connect(): void;
  disconnect(reason: string): void;
  /** Queues have appeared. */
  lookAgain(): void;
}

/** What the ends use of the hub. */
export interface InProcessLines {
  readonly exchange: MemoryExchange;
  readonly stopMs: number;
  readonly retryMs: number;
  attach(end: InProcessEnd): void;
  detach(end: InProcessEnd): void;
  /** Tells every end that queues have appeared. */
  declared(): void;
  /** The office's queues are gone: its lines are made anew. */
  removed(office: OfficeId): void;
}
