// What only a broker can do to a link: the ends of links, and a channel to tamper with what they made.
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { createAmqpBranchLink } from '../../mixins/link/amqp-branch.ts';
import { createAmqpHeadLink, type AmqpHeadOptions } from '../../mixins/link/amqp-head.ts';
import type { AmqpOptions } from '../../mixins/link/amqp-options.ts';
import type { BranchLink, HeadLink } from '../../mixins/link/link.ts';
import { deleteEverything, QUICK } from '../contract/amqp-world.ts';
import { UP_MESSAGES } from '../contract/link-messages.ts';
import { Listener, type BranchEnd, type HeadEnd } from '../contract/link-world.ts';
import { TcpProxy } from '../contract/tcp-proxy.ts';
import { testAmqp, type TestPlace } from '../harness/servers.ts';

export const OFFICES = ['west', 'east', 'north', 'south'];
export const HELLO = UP_MESSAGES[0]!;

/** A virtual host for the tests of a file, empty for each. */
export function brokerStage(): BrokerStage {
  const stage = new BrokerStage();
  beforeAll(() => stage.open());
  afterAll(() => stage.close());
  beforeEach(() => stage.begin());
  afterEach(() => stage.end());
  return stage;
}

class BrokerStage {
  readonly #links: (BranchLink | HeadLink)[] = [];
  readonly #proxies: TcpProxy[] = [];
  #place!: TestPlace;
  #admin!: ChannelModel;
  #channel!: Channel;

  get url(): string {
    return this.#place.url;
  }

  /** A channel of a user who may do everything. */
  get channel(): Channel {
    return this.#channel;
  }

  async open(): Promise<void> {
    this.#place = await testAmqp();
    this.#admin = await connect(this.#place.url);
  }

  async close(): Promise<void> {
    await this.#admin.close();
    await this.#place.drop();
  }

  async begin(): Promise<void> {
    this.#channel = await this.#admin.createChannel();
    this.#channel.on('error', () => undefined);
  }

  async end(): Promise<void> {
    await Promise.all(this.#links.splice(0).map((link) => link.stop()));
    await Promise.all(this.#proxies.splice(0).map((proxy) => proxy.close()));
    await this.#channel.close().catch(() => undefined);
    await deleteEverything(this.#place.url, OFFICES);
  }

  /** The link is stopped when the test ends. */
  stopLater(link: BranchLink | HeadLink): void {
    this.#links.push(link);
  }

  async openProxy(): Promise<TcpProxy> {
    const proxy = await TcpProxy.open(this.#place.url);
    this.#proxies.push(proxy);
    return proxy;
  }

  /** A head that knows the branch west; not yet up. */
  async startHead(options: Partial<AmqpHeadOptions> = {}): Promise<HeadEnd> {
    const link = createAmqpHeadLink({ ...QUICK, url: this.#place.url, ...options });
    const end: HeadEnd = { link, heard: new Listener() };
    this.stopLater(link);
    await link.declareBranch('west', 'own');
    await link.start(end.heard.events);
    return end;
  }

  async startBranch(office = 'west', options: Partial<AmqpOptions> = {}): Promise<BranchEnd> {
    const link = createAmqpBranchLink({ ...QUICK, url: this.#place.url, office, ...options });
    const end: BranchEnd = { link, heard: new Listener() };
    this.stopLater(link);
    await link.start(end.heard.events);
    return end;
  }

  /** Head and the branch west, both up. */
  async startPair(): Promise<{ head: HeadEnd; branch: BranchEnd }> {
    const head = await this.startHead();
    await head.heard.untilUp();
    const branch = await this.startBranch();
    await branch.heard.untilUp();
    return { head, branch };
  }

  /** Those of the queues that are there. */
  async existing(queues: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const queue of queues) {
      const asking = await this.#admin.createChannel();
      asking.on('error', () => undefined);
      const isThere = await asking.checkQueue(queue).then(
        () => true,
        () => false,
      );
      if (isThere) found.push(queue);
      if (isThere) await asking.close();
    }
    return found;
  }
}
