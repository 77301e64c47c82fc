import type { JsonObject } from '../../domain/event.ts';
import { INCIDENTS } from '../../domain/datasets/event-types.ts';
import type { Ports } from '../../domain/ports.ts';
import type { BranchEffect, BranchInput } from '../../domain/sync/branch-state.ts';
import type { UpMessage } from '../../domain/sync/messages.ts';
import type { OfficeLedger } from '../ledger/create-ledger.ts';
import type { BranchLink } from '../link/link.ts';
import { passed } from '../moments.ts';
import type { Scheduler } from './scheduler.ts';

/** Acknowledgements are saved at most this often: what is not saved yet, the next greeting brings again. */
const SAVE_ACKED_MS = 500;

type Saved = Extract<BranchEffect, { do: 'save-acked' }>;
/** Distributes `Omit` over a union. */
type Body<M> = M extends unknown ? Omit<M, 'office' | 'instance'> : never;
type OnDatabase = Exclude<BranchEffect, { do: 'send' | 'drained' }>;

export interface BranchEffectsOptions {
  readonly ledger: OfficeLedger;
  readonly link: BranchLink;
  readonly ports: Ports;
  readonly scheduler: Scheduler;
  readonly instance: string;
  /** How much the next batch may hold; one event is always read. */
  readonly batchBytes: () => number;
}

/** What each effect of the branch's machine does to the database, the ledger and the link; the result is an input. */
export class BranchEffects {
  readonly #ledger: OfficeLedger;
  readonly #link: BranchLink;
  readonly #ports: Ports;
  readonly #scheduler: Scheduler;
  readonly #instance: string;
  readonly #batchBytes: () => number;
  #unsaved: Saved | null = null;

  constructor({ ledger, link, ports, scheduler, instance, batchBytes }: BranchEffectsOptions) {
    this.#ledger = ledger;
    this.#link = link;
    this.#ports = ports;
    this.#scheduler = scheduler;
    this.#instance = instance;
    this.#batchBytes = batchBytes;
  }

  /** null when the machine need not hear of it. */
  async carryOut(effect: BranchEffect): Promise<BranchInput | null> {
    if (effect.do === 'send' || effect.do === 'drained') return null;
    return (await this.#onLog(effect)) ?? (await this.#onSetting(effect));
  }

  /** Saves what was put off. */
  async flush(): Promise<void> {
    const saved = this.#unsaved;
    this.#unsaved = null;
    if (saved !== null) await this.#ledger.branch.saveAcked(saved.acked, saved.safeSeq);
  }

  async #onLog(effect: OnDatabase): Promise<BranchInput | null> {
    const { branch, office } = this.#ledger;
    switch (effect.do) {
      case 'read-greeting':
        await this.flush(); // or it would say less than is known
        return { on: 'greeting-read', nonce: effect.nonce, position: await branch.greetingPosition() };
      case 'locate': {
        const hashAtCursor = await branch.locate(effect.head, effect.session, effect.seq);
        return { on: 'located', nonce: effect.nonce, hashAtCursor };
      }
      case 'read-own': {
        const run = await branch.readOwn(office, effect.after, this.#batchBytes());
        return { on: 'own-read', nonce: effect.nonce, run };
      }
      case 'apply-feed':
        await branch.applyFeed(effect.from, effect.to, effect.events);
        return { on: 'feed-applied', cursor: effect.to };
      case 'match-own': {
        const { common, rest } = await branch.matchOwn(office, effect.message, effect.tail);
        return { on: 'own-matched', nonce: effect.nonce, common, rest, end: effect.message.end };
      }
      case 'restore-own': {
        const { tail } = await branch.restoreOwn(effect.common, effect.events);
        this.#report('own-events-restored', { from: effect.common.seq, to: tail.seq });
        return { on: 'own-restored', last: tail };
      }
      case 'refork':
        return this.#refork(effect);
      case 'adopt': {
        const { tail } = await branch.adopt(effect.message);
        this.#report('second-copy-adopted', {
          epoch: effect.message.epoch,
          events: effect.message.events.length,
        });
        return { on: 'adopted', from: effect.message.from, last: tail };
      }
      default:
        return null;
    }
  }

  async #onSetting(effect: OnDatabase): Promise<BranchInput | null> {
    const { branch } = this.#ledger;
    switch (effect.do) {
      case 'save-acked':
        this.#saveSoon(effect);
        return null;
      case 'move-feed':
        this.#unsaved = null; // of the head as it was
        await branch.moveFeed(effect.cursor, effect.acked);
        return null;
      case 'unfence':
        if (await branch.unfence()) this.#report('office-claimed', {});
        return { on: 'unfenced' };
      case 'save-quarantined':
        await branch.saveQuarantined(effect.report);
        return null;
      case 'save-paused':
        await branch.savePaused(effect.paused);
        return null;
      case 'hold-appends':
        this.#ledger.hold(effect.held);
        return null;
      case 'consume-feed':
        await this.#link.consumeFeed(effect.wanted);
        return null;
      case 'hand-over':
        return this.#handOver(effect);
      case 'return-head':
        await this.#returnHead(effect);
        return null;
      default:
        return null;
    }
  }

  async #refork(effect: Extract<BranchEffect, { do: 'refork' }>): Promise<BranchInput> {
    const { tail } = await this.#ledger.branch.refork(effect);
    passed('log-mended');
    const accepted = effect.tail.length;
    this.#report('fork-repaired', {
      common: effect.common.seq,
      accepted,
      epoch: effect.epoch,
      last: tail.seq,
    });
    return { on: 'reforked', last: tail };
  }

  async #handOver({
    nonce,
    session,
  }: Extract<BranchEffect, { do: 'hand-over' }>): Promise<BranchInput | null> {
    const { common, events } = await this.#ledger.branch.fence(session);
    if (events.length === 0) return { on: 'message', message: { kind: 'stranded-taken', nonce } };
    await this.#send({ kind: 'stranded', nonce, common, events });
    return null;
  }

  async #returnHead({ nonce, tip }: Extract<BranchEffect, { do: 'return-head' }>): Promise<void> {
    let number = 0;
    for await (const events of this.#ledger.branch.headEventsAfter(tip)) {
      await this.#send({ kind: 'returned', nonce, number: ++number, events, end: false });
    }
    await this.#send({ kind: 'returned', nonce, number: ++number, events: [], end: true });
  }

  #send(body: Body<UpMessage>): Promise<void> {
    const { office } = this.#ledger;
    return this.#link.send({ ...body, office, instance: this.#instance } as UpMessage);
  }

  #saveSoon(effect: Saved): void {
    const isDue = this.#unsaved === null;
    this.#unsaved = effect;
    passed('ack-heard');
    if (!isDue) return;
    // A failure costs nothing: the head says again, at the next greeting, what it has.
    this.#scheduler.after(SAVE_ACKED_MS, () => void this.flush().catch(() => {}));
  }

  /** What happened to the log is itself an event of it. A fenced or failing office may not be able to say so. */
  #report(kind: string, detail: JsonObject): void {
    const { office } = this.#ledger;
    const key = { dataset: INCIDENTS, scope: office, entityId: this.#ports.newId() };
    const command = { type: 'report-incident' as const, ...key, kind, detail };
    void this.#ledger.submit({ command, actor: 'branchline' }).catch(() => {});
  }
}
