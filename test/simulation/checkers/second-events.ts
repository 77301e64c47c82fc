import { type DomainEvent, dotName, type LoggedEvent } from '../../../domain/event.ts';
import { renamedId } from '../../../domain/sync/repair.ts';
import { machinePorts } from '../../../mixins/machine-ports.ts';
import type { MemoryDisk } from '../memory-store.ts';
import { beyond } from './one-request.ts';

interface SecondEvent {
  readonly logged: LoggedEvent;
  /** What the repair keeps of it. */
  readonly kept: DomainEvent;
}

/**
 * Events that a restored office wrote under an id that another event of it has at the head: a till asked again for
 * what the office had forgotten, and found the sale in another state. The repair gives them ids of their own; of a count it
 * keeps the first account only.
 */
export class SecondEvents {
  /** By hash, as they were written first. */
  readonly #known = new Map<string, SecondEvent>();
  readonly #renamed = new Set<string>();

  /** One that says nothing beyond the first is none. */
  note(first: DomainEvent, logged: LoggedEvent): void {
    const kept = beyond(first, logged.event);
    if (kept === null) return;
    this.#known.set(hashOf(logged), { logged, kept });
    this.#renamed.add(renamedId(logged, machinePorts));
  }

  /** Whether a repair, and nobody else, gave it this id. */
  isRenamed({ event }: LoggedEvent): boolean {
    return this.#renamed.has(event.id);
  }

  /** What it is called in the end. */
  idOf(logged: LoggedEvent): string {
    return this.inTheEnd(logged).id;
  }

  inTheEnd(logged: LoggedEvent): DomainEvent {
    const second = this.#known.size > 0 ? this.#known.get(hashOf(logged)) : undefined;
    return second === undefined ? logged.event : { ...second.kept, id: renamedId(logged, machinePorts) };
  }

  /** One of them is on a disk that no repair has been through yet: ids do not tell who holds what. */
  areUnrepairedOn(disks: readonly MemoryDisk[]): boolean {
    return [...this.#known].some(([hash, { logged }]) =>
      disks.some(({ tables: { events } }) => {
        const row = events.byDot(dotName(logged.event));
        return row !== undefined && hashOf(row) === hash;
      }),
    );
  }
}

function hashOf({ hash }: LoggedEvent): string {
  return Buffer.from(hash.buffer, hash.byteOffset, 16).toString('latin1');
}
