// A broker that is killed, emptied or meddled with: not the one that the tests share.
import { type Channel, connect } from 'amqplib';
import { startRabbitMq, type RabbitMqServer } from '../harness/rabbitmq.ts';
import { deleteVhost } from '../harness/rabbitmq-vhosts.ts';
import { eventually } from '../harness/wait.ts';

const VHOST = 'shops';

export class PrivateBroker {
  readonly server: RabbitMqServer;
  /** What offices connect to. */
  readonly url: string;

  private constructor(server: RabbitMqServer, url: string) {
    this.server = server;
    this.url = url;
  }

  static async start(): Promise<PrivateBroker> {
    const server = await startRabbitMq();
    return new PrivateBroker(server, await server.createVhost(VHOST));
  }

  /** Everything in the virtual host, and the host itself, made anew. */
  async empty(): Promise<void> {
    await deleteVhost(this.server.managementUrl, VHOST);
    await this.server.createVhost(VHOST);
  }

  /** As somebody who may do everything there. */
  async meddle<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const connection = await connect(this.url);
    connection.on('error', () => undefined);
    try {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      return await work(channel);
    } finally {
      await connection.close().catch(() => undefined);
    }
  }

  /** Runs Erlang in the broker. */
  eval(expression: string): Promise<string> {
    return this.server.ctl('-q', 'eval', expression);
  }

  /** One column of all queues, e.g. `messages`, by name. */
  async queues(column: string): Promise<ReadonlyMap<string, string>> {
    const listed = await this.server.ctl('-q', '-p', VHOST, 'list_queues', 'name', column);
    return new Map(
      listed
        .split('\n')
        .map((line) => line.split('\t') as [string, string])
        .filter(([name]) => name.startsWith('branchline.')),
    );
  }

  /** Waits until a queue with this beginning is there. */
  async queueNamed(beginning: string): Promise<string> {
    return eventually(async () => {
      const found = [...(await this.queues('durable')).keys()].find((name) => name.startsWith(beginning));
      if (found === undefined) throw new Error(`no queue ${beginning}*`);
      return found;
    }, 30_000);
  }
}
