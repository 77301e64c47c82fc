// An office that says whatever it likes: with the real link and the real envelope, or past both.
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { ZERO_HASH } from '../../domain/chain.ts';
import type { Ack, DownMessage, Refused, UpMessage, Welcome } from '../../domain/sync/messages.ts';
import { createAmqpBranchLink } from '../../mixins/link/amqp-branch.ts';
import { UP_EXCHANGE } from '../../mixins/link/amqp-topology.ts';
import type { BranchLink } from '../../mixins/link/link.ts';
import { eventually } from '../harness/wait.ts';
import { OfficeLog } from '../unit/sync-log.ts';

const INSTANCE = 'hostile';

export class HostileOffice {
  readonly office: string;
  /** What it claims to have written; validly chained. */
  readonly log: OfficeLog;
  readonly heard: DownMessage[] = [];
  readonly #link: BranchLink;
  readonly #broker: ChannelModel;
  readonly #channel: ConfirmChannel;
  #nonce = '';
  #greetings = 0;

  private constructor(office: string, link: BranchLink, broker: ChannelModel, channel: ConfirmChannel) {
    this.office = office;
    this.log = new OfficeLog(office);
    this.#link = link;
    this.#broker = broker;
    this.#channel = channel;
  }

  static async connect(url: string, office: string): Promise<HostileOffice> {
    const broker = await connect(url);
    const link = createAmqpBranchLink({ url, office, instance: INSTANCE });
    const hostile = new HostileOffice(office, link, broker, await broker.createConfirmChannel());
    const { promise, resolve } = Promise.withResolvers<void>();
    await link.start({
      onUp: resolve,
      onDown: () => {},
      onProblem: () => {},
      onMessage: async (message) => void hostile.heard.push(message),
    });
    await promise;
    return hostile;
  }

  async greets(): Promise<Welcome> {
    this.#nonce = `session-${++this.#greetings}`;
    await this.#send({
      kind: 'hello',
      session: 0,
      last: this.log.end,
      acked: this.log.pointAt(0),
      feed: { feedEpoch: 1, position: 0, hash: ZERO_HASH },
      headTips: [],
      subscribe: 'own',
      versions: { wire: 1, program: '0.1.0' },
    });
    return this.#answer<Welcome>('welcome');
  }

  /** What it has written after `seq`, and what the head answers. */
  async sendsAfter(seq: number): Promise<Ack> {
    const known = this.heard.length;
    await this.#send(this.log.after(seq));
    return this.#answer<Ack>('ack', known);
  }

  async isRefused(): Promise<Refused> {
    return this.#answer<Refused>('refused');
  }

  /** Past the envelope, under its own name or another's. */
  async publishes(body: Uint8Array, name = this.office): Promise<void> {
    this.#channel.publish(UP_EXCHANGE, name, Buffer.from(body));
    await this.#channel.waitForConfirms();
  }

  async close(): Promise<void> {
    await this.#link.stop();
    await this.#broker.close();
  }

  #send(body: object): Promise<void> {
    const message = { ...body, office: this.office, instance: INSTANCE, nonce: this.#nonce };
    return this.#link.send(message as UpMessage);
  }

  async #answer<M extends DownMessage>(kind: M['kind'], after = 0): Promise<M> {
    return eventually(() => {
      const found = this.heard
        .slice(after)
        .find((one) => one.kind === kind && 'nonce' in one && one.nonce === this.#nonce);
      if (found === undefined)
        throw new Error(`no ${kind} is heard: ${JSON.stringify(this.heard.slice(-3))}`);
      return found as M;
    }, 60_000);
  }
}
