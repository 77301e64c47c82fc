import type { Ports } from '../../domain/ports.ts';
import { BATCH_MAX_BYTES, BATCH_MAX_EVENTS } from '../../domain/sync/batch.ts';
import { type FeederState, planFeed } from '../../domain/sync/feeder.ts';
import type { OfficeLedger } from '../ledger/create-ledger.ts';
import type { Duty } from '../duty/duty.ts';
import type { HeadLink } from '../link/link.ts';
import { passed } from '../moments.ts';

export interface FeederOptions {
  readonly ledger: OfficeLedger;
  readonly link: HeadLink;
  readonly duty: Duty;
  readonly ports: Pick<Ports, 'newId'>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Publishes the head's log in order of position. It saves nothing: after a restart, or a line that broke, it goes on
 * at the end of the log and names that as the place before, so that every branch sees a gap and pulls.
 */
export class Feeder {
  readonly #ledger: OfficeLedger;
  readonly #link: HeadLink;
  readonly #duty: Duty;
  readonly #ports: Pick<Ports, 'newId'>;
  readonly #onFailure: (error: unknown) => void;
  #state: FeederState | null = null;
  #withAll = false;
  #isUp = false;
  #isAsked = false;
  #running: Promise<void> | null = null;

  constructor({ ledger, link, duty, ports, onFailure }: FeederOptions) {
    this.#ledger = ledger;
    this.#link = link;
    this.#duty = duty;
    this.#ports = ports;
    duty.onAnnounced(() => this.wake());
    this.#onFailure = onFailure;
  }

  setWithAll(withAll: boolean): void {
    this.#withAll = withAll;
  }

  restart(): void {
    this.#state = null;
    this.#isUp = true;
    this.wake();
  }

  suspend(): void {
    this.#isUp = false;
    this.#state = null;
  }

  /** The log may have grown. */
  wake(): void {
    this.#isAsked = true;
    if (this.#running !== null || !this.#isUp) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      if (this.#isAsked) this.wake(); // asked again just as the run ended
    });
  }

  /** This node has committed something: whoever has the duty is to publish it. */
  committed(): void {
    this.#duty.announce();
    this.wake();
  }

  async stop(): Promise<void> {
    this.#isUp = false;
    await this.#running;
    await this.#duty.stop();
  }

  async #run(): Promise<void> {
    while (this.#isAsked && this.#isUp) {
      this.#isAsked = false;
      try {
        if (await this.#duty.isMine()) await this.#publishNew();
        else this.#state = null; // begun anew, at the log's end, when it is ours again
      } catch (error) {
        this.#state = null; // what was not published is pulled
        this.#onFailure(error);
      }
    }
  }

  async #publishNew(): Promise<void> {
    const { position, feedEpoch, office } = await this.#ledger.read.logRow();
    if (this.#state === null || this.#state.feedEpoch !== feedEpoch || this.#state.position > position) {
      const source = this.#ports.newId();
      this.#state = { head: office, feedEpoch, source, position, shared: position, scopes: {} };
    }
    while (this.#isUp && this.#state !== null && this.#state.position < position)
      await this.#publishStretch(position);
  }

  /** Unless some branch has asked for all, most of the log is the branches' own, and is not even read. */
  async #publishStretch(upTo: number): Promise<void> {
    const before = this.#state!;
    const withAll = this.#withAll;
    const limit = { count: BATCH_MAX_EVENTS, bytes: BATCH_MAX_BYTES };
    const only = withAll ? {} : { author: before.head };
    const entries = await this.#ledger.read.eventsByPosition(before.position, limit, only);
    const { state, runs } = planFeed(before, entries, withAll);
    for (const run of runs) {
      passed('run-read');
      await this.#link.publishFeed(run);
    }
    if (this.#state === before) this.#state = entries.length === 0 ? { ...before, position: upTo } : state;
  }
}
