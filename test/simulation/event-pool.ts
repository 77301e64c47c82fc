import { sameBytes } from '../../domain/chain.ts';
import { dotName, type LoggedEvent } from '../../domain/event.ts';

/**
 * What several disks of a world hold of one event is kept once. A disk gives back what it was given, as every database
 * does: bytes that are the same say the same. Whoever changed one of them in place would break its chain.
 */
export class EventPool {
  readonly #known = new Map<string, LoggedEvent>();

  /** The same event as it is kept already, or as it is kept from now on. */
  kept({ event, bytes, hash }: LoggedEvent): LoggedEvent {
    const name = dotName(event);
    const known = this.#known.get(name);
    if (known !== undefined && sameBytes(known.hash, hash) && sameBytes(known.bytes, bytes)) return known;
    const logged = { event, bytes, hash };
    this.#known.set(name, logged);
    return logged;
  }
}
