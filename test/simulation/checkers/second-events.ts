import canonicalize from 'canonicalize';
import { type DomainEvent, dotName, type LoggedEvent } from '../../../domain/event.ts';
import { renamedId } from '../../../domain/sync/repair.ts';
import { machinePorts } from '../../../mixins/machine-ports.ts';
import type { MemoryDisk } from '../memory-store.ts';

/**
 * Events that a restored office wrote under an id that another event of it has at the head: a till asked again for
 * what the office had forgotten, and found the sale in another state. The repair gives them ids of their own.
 */
export class SecondEvents {
  /** By hash, as they were written first. */
  readonly #known = new Map<string, LoggedEvent>();
  readonly #renamed = new Set<string>();

  note(logged: LoggedEvent): void {
    this.#known.set(hashOf(logged), logged);
    this.#renamed.add(renamedId(logged, machinePorts));
  }

  /** Whether a repair, and nobody else, gave it this id. */
  isRenamed({ event }: LoggedEvent): boolean {
    return this.#renamed.has(event.id);
  }

  /** What it is called in the end. */
  idOf(logged: LoggedEvent): string {
    const isSecond = this.#known.size > 0 && this.#known.has(hashOf(logged));
    return isSecond ? renamedId(logged, machinePorts) : logged.event.id;
  }

  /** One of them is on a disk that no repair has been through yet: ids do not tell who holds what. */
  areUnrepairedOn(disks: readonly MemoryDisk[]): boolean {
    return [...this.#known].some(([hash, { event }]) =>
      disks.some(({ tables: { events } }) => {
        const row = events.byDot(dotName(event));
        return row !== undefined && hashOf(row) === hash;
      }),
    );
  }
}

function hashOf({ hash }: LoggedEvent): string {
  return Buffer.from(hash.buffer, hash.byteOffset, 16).toString('latin1');
}

/** As a repair sees it. */
export function sameContent(a: DomainEvent, b: DomainEvent): boolean {
  return contentOf(a) === contentOf(b);
}

function contentOf({ dataset, scope, entityId, type, version, data }: DomainEvent): string {
  return canonicalize({ dataset, scope, entityId, type, version, data })!;
}
