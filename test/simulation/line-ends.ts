import type { Message } from './carry.ts';
import type { Item } from './sim-queue.ts';

/** Whoever holds a line is told. */
export interface LineEvents {
  onUp(): void;
  onDown(reason: string): void;
  /** A handler failed, or a message was given up. */
  onProblem(type: string, detail: string): void;
}

/** A queue that is read over a line, and by whom. */
export interface Intake {
  readonly queue: string;
  /** Deliveries of one turn are handled one after another. */
  turnOf(item: Item): string;
  handle(message: Message): Promise<void>;
  wanted: boolean;
}
