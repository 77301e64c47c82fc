import { isTransient } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type { HeadEffect, HeadInput, Session } from '../../domain/sync/head-state.ts';
import type { ControlMessage, Hello } from '../../domain/sync/messages.ts';
import type { OfficeLedger } from '../ledger/create-ledger.ts';
import type { HeadLink } from '../link/link.ts';
import { passed } from '../moments.ts';

type Alarm = { readonly type: string; readonly detail: string; readonly office?: OfficeId };
type Body<M> = M extends unknown ? Omit<M, 'nonce'> : never;

export interface HeadEffectsOptions {
  readonly ledger: OfficeLedger;
  readonly link: HeadLink;
  /** Of its beacons: see `FeedRun.source`. */
  readonly source: string;
  readonly onAlarm: (alarm: Alarm) => void;
}

/** What each effect of the head's machine does to the database and the link; the result is an input. */
export class HeadEffects {
  readonly #ledger: OfficeLedger;
  readonly #link: HeadLink;
  readonly #source: string;
  readonly #alarm: (alarm: Alarm) => void;

  constructor({ ledger, link, source, onAlarm }: HeadEffectsOptions) {
    this.#ledger = ledger;
    this.#link = link;
    this.#source = source;
    this.#alarm = onAlarm;
  }

  /** null when the machine need not hear of it. @throws transient errors, for the whole message to be dealt with again */
  async carryOut(office: OfficeId, effect: HeadEffect): Promise<HeadInput | null> {
    const { head } = this.#ledger;
    switch (effect.do) {
      case 'send':
        await this.#link.sendControl(office, effect.message, effect.to);
        return null;
      case 'declare':
        await this.#link.declareBranch(office, effect.subscribe, effect.instance);
        return null;
      case 'greet':
        return this.#greet(effect.hello);
      case 'apply-batch':
        return this.#applyBatch(effect);
      case 'read-cursor':
        return {
          on: 'cursor-read',
          session: effect.session,
          probe: effect.probe,
          ...(await head.cursorOf(office)),
          quarantined: await head.quarantineOf(office),
        };
      case 'grant':
        return this.#grant(office, effect);
      case 'apply-returned':
        await head.applyReturned(effect.events);
        return { on: 'returned-applied', session: effect.session, number: effect.number, end: effect.end };
      case 'renew-lease':
        await head.renewLease(office, effect.instance, effect.untilMs);
        return null;
      case 'end-lease':
        await head.endLease(office, effect.instance);
        return null;
      case 'alarm':
        this.#alarm({ type: effect.type, detail: effect.detail, office });
        return null;
      default:
        await this.#answer(office, effect);
        return null;
    }
  }

  async #greet(hello: Hello): Promise<HeadInput> {
    const { outcome, subscribe } = await this.#ledger.head.greet(hello);
    if (outcome.verdict === 'welcome' && outcome.mint !== null) {
      const { feedEpoch, position } = outcome.mint;
      const detail = `"${hello.office}" holds events of this head that it has lost: a backup was restored. The feed goes on in life ${feedEpoch} from position ${position}; branches return what they hold`;
      this.#alarm({ type: 'head-restored', detail, office: hello.office });
    }
    return { on: 'greeted', hello, subscribe, outcome };
  }

  async #grant(
    office: OfficeId,
    { session, adopt }: Extract<HeadEffect, { do: 'grant' }>,
  ): Promise<HeadInput> {
    const epoch = await this.#ledger.head.grantEpoch(office);
    passed('epoch-granted');
    return { on: 'granted', session, adopt, epoch };
  }

  async #applyBatch({ session, batch }: Extract<HeadEffect, { do: 'apply-batch' }>): Promise<HeadInput> {
    try {
      const applied = await this.#ledger.head.applyBatch(batch);
      passed('batch-applied');
      return { on: 'batch-applied', session, ...applied };
    } catch (error) {
      if (isTransient(error)) throw error; // dealt with again; anything else would only come again
      return { on: 'batch-refused', session, detail: (error as Error).message };
    }
  }

  async #answer(
    office: OfficeId,
    effect: Extract<HeadEffect, { do: 'answer-fetch' | 'answer-pull' | 'send-beacon' }>,
  ): Promise<void> {
    const { head, read } = this.#ledger;
    const { session } = effect;
    if (effect.do === 'answer-fetch')
      return this.#reply(office, session, { kind: 'own', ...(await head.ownOf(office, effect.after)) });
    const subscribe = (await read.office(office))?.subscribe ?? 'own';
    const beacon = async (): Promise<void> =>
      this.#reply(office, session, {
        kind: 'beacon',
        source: this.#source,
        ...(await head.beaconFor(office, subscribe)),
      });
    if (effect.do === 'send-beacon') return beacon();
    if (!(await head.holdsFeedAt(effect.after, effect.hash)))
      return this.#reply(office, session, { kind: 'greet-again' });
    const fed = await head.feedOf(office, subscribe, effect.after);
    // Of another life of the feed: the beacon makes the branch greet anew.
    if (fed.feedEpoch !== effect.feedEpoch) return beacon();
    return this.#reply(office, session, { kind: 'pulled', after: effect.after, ...fed });
  }

  #reply(office: OfficeId, { nonce, instance }: Session, body: Body<ControlMessage>): Promise<void> {
    return this.#link.sendControl(office, { ...body, nonce } as ControlMessage, instance);
  }
}
