import { connect } from 'amqplib';
import type { OfficeId } from '../../domain/event.ts';
import { createAmqpBranchLink } from '../../mixins/link/amqp-branch.ts';
import { createAmqpHeadLink } from '../../mixins/link/amqp-head.ts';
import type { AmqpOptions } from '../../mixins/link/amqp-options.ts';
import { controlQueue, feedQueue, upQueues } from '../../mixins/link/amqp-topology.ts';
import { FEED_QUEUE_BYTES, type LinkWorld } from './link-world.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Quick to notice and to try again, so that tests are. */
export const QUICK = {
  stopMs: 500,
  retryMs: 10,
  backoff: { firstMs: 20, longestMs: 200 },
} as const satisfies Partial<AmqpOptions>;

const EXCHANGES = ['branchline.up', 'branchline.up.partitions', 'branchline.down', 'branchline.control'];

/** Deletes everything of the link, as a broker that lost its disk. */
export async function deleteEverything(url: string, offices: Iterable<OfficeId>): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const queues = [
    ...upQueues(1),
    ...[...offices].flatMap((office) => [controlQueue(office), feedQueue(office)]),
  ];
  for (const queue of queues) await channel.deleteQueue(queue);
  for (const exchange of EXCHANGES) await channel.deleteExchange(exchange);
  await connection.close();
}

/** The AMQP link on the virtual host of `url`, every end over a line of its own. */
export class AmqpWorld implements LinkWorld {
  readonly #url: string;
  readonly #headLine: TcpProxy;
  readonly #lines = new Map<OfficeId, TcpProxy>();

  private constructor(url: string, headLine: TcpProxy, lines: Map<OfficeId, TcpProxy>) {
    this.#url = url;
    this.#headLine = headLine;
    this.#lines = lines;
  }

  static async open(url: string, offices: readonly OfficeId[]): Promise<AmqpWorld> {
    const lines = new Map<OfficeId, TcpProxy>();
    for (const office of offices) lines.set(office, await TcpProxy.open(url));
    return new AmqpWorld(url, await TcpProxy.open(url), lines);
  }

  head(): ReturnType<typeof createAmqpHeadLink> {
    const url = this.#headLine.through(this.#url);
    return createAmqpHeadLink({ ...QUICK, url, feedQueueBytes: FEED_QUEUE_BYTES });
  }

  branch(office: OfficeId, instance?: string): ReturnType<typeof createAmqpBranchLink> {
    const url = this.#lines.get(office)?.through(this.#url) ?? this.#url;
    return createAmqpBranchLink({ ...QUICK, url, office, ...(instance === undefined ? {} : { instance }) });
  }

  cut(office?: OfficeId): void {
    for (const line of this.#affected(office)) line.cut();
  }

  join(office?: OfficeId): void {
    for (const line of this.#affected(office)) line.join();
  }

  async wipe(): Promise<void> {
    this.cut();
    await deleteEverything(this.#url, this.#lines.keys());
    this.join();
  }

  async close(): Promise<void> {
    await Promise.all(this.#affected().map((line) => line.close()));
    await deleteEverything(this.#url, this.#lines.keys());
  }

  #affected(office?: OfficeId): TcpProxy[] {
    if (office === undefined) return [this.#headLine, ...this.#lines.values()];
    return [this.#lines.get(office)!];
  }
}
