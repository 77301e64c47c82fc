import type { LinkTrouble } from '../../domain/sync/branch-state.ts';
import type { LinkEvents, LinkProblem } from './link.ts';

/**
 * Tells the owner of a link whether it is up, each change once, and never after the link has ended. What the
 * owner's own callbacks throw must not reach the connection, so it becomes a problem.
 */
export class LinkState {
  readonly #events: LinkEvents;
  #told: 'nothing' | 'up' | 'ended' | { down: string } = 'nothing';

  constructor(events: LinkEvents) {
    this.#events = events;
  }

  up(): void {
    if (this.#told === 'up' || this.#told === 'ended') return;
    this.#told = 'up';
    this.#safely(() => this.#events.onUp());
  }

  down(reason: string, type: LinkTrouble = 'link-unavailable'): void {
    if (this.#told === 'ended') return;
    if (typeof this.#told === 'object' && this.#told.down === reason) return;
    this.#told = { down: reason };
    this.#safely(() => this.#events.onDown(reason, type));
  }

  problem(problem: LinkProblem): void {
    if (this.#told === 'ended') return;
    try {
      this.#events.onProblem(problem);
    } catch {
      // there is nobody left to tell
    }
  }

  end(): void {
    this.#told = 'ended';
  }

  #safely(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.problem({ type: 'handler-failed', detail: String(error) });
    }
  }
}
