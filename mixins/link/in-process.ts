import type { OfficeId } from '../../domain/event.ts';
import { InProcessBranchLink } from './in-process-branch.ts';
import { InProcessHeadLink } from './in-process-head.ts';
import type { BranchLink, HeadLink } from './link.ts';
import type { InProcessEnd, InProcessLines } from './in-process-lines.ts';
import { MemoryExchange, type QueueLimits } from './memory-exchange.ts';
import { assertRoutable } from './streams.ts';

export interface InProcessHubOptions extends Partial<QueueLimits> {
  /** How long `stop` waits for a handler that runs. */
  readonly stopMs?: number;
  /** First pause before a message whose handler failed is handled again. */
  readonly retryMs?: number;
}

/** Joins one head and any number of branches in this process. */
export interface InProcessHub {
  headLink(): HeadLink;
  branchLink(office: OfficeId, instance?: string): BranchLink;
  /** Cuts the line of one office, or of everybody as when the broker is down. What is queued stays queued. */
  cut(office?: OfficeId): void;
  join(office?: OfficeId): void;
  /** As when the broker comes back without its disk: every queue is gone, every line is made anew. */
  wipe(): void;
}

const MIB = 1024 * 1024;
/** Far below a broker's: here the queues are this process's memory, and the log heals what is dropped. */
const LIMITS = { upQueueBytes: 16 * MIB, feedQueueBytes: 4 * MIB, controlQueueBytes: 4 * MIB };

export function createInProcessHub(options: InProcessHubOptions = {}): InProcessHub {
  return new Hub(options);
}

class Hub implements InProcessHub, InProcessLines {
  readonly exchange: MemoryExchange;
  readonly stopMs: number;
  readonly retryMs: number;
  readonly #ends = new Set<InProcessEnd>();
  readonly #cut = new Set<OfficeId>();
  #isDown = false;

  constructor(options: InProcessHubOptions) {
    this.exchange = new MemoryExchange({ ...LIMITS, ...options });
    this.stopMs = options.stopMs ?? 5_000;
    this.retryMs = options.retryMs ?? 500;
  }

  headLink(): HeadLink {
    return new InProcessHeadLink(this);
  }

  branchLink(office: OfficeId, instance?: string): BranchLink {
    assertRoutable(office, instance);
    return new InProcessBranchLink(this, office, instance);
  }

  cut(office?: OfficeId): void {
    if (office === undefined) this.#isDown = true;
    else this.#cut.add(office);
    this.#breakLines((end) => !this.#isJoined(end), 'The line is cut');
  }

  join(office?: OfficeId): void {
    if (office === undefined) this.#isDown = false;
    else this.#cut.delete(office);
    this.#connectAll();
  }

  wipe(): void {
    this.#breakLines(() => true, 'The queues are gone');
    this.exchange.clear();
    this.#connectAll();
  }

  attach(end: InProcessEnd): void {
    this.#ends.add(end);
    this.#connectAll();
  }

  detach(end: InProcessEnd): void {
    this.#ends.delete(end);
  }

  declared(): void {
    for (const end of this.#ends) end.lookAgain();
    this.#connectAll(); // whoever waited for the head
  }

  removed(office: OfficeId): void {
    this.#breakLines((end) => end.office === office, 'Its queue is gone');
    this.#connectAll();
  }

  /** In a later turn of the event loop, as a network would. */
  #connectAll(): void {
    setImmediate(() => {
      for (const end of this.#ends) if (this.#isJoined(end)) end.connect();
    });
  }

  #breakLines(which: (end: InProcessEnd) => boolean, reason: string): void {
    for (const end of this.#ends) if (which(end)) end.disconnect(reason);
  }

  #isJoined({ office }: InProcessEnd): boolean {
    return !this.#isDown && (office === null || !this.#cut.has(office));
  }
}
