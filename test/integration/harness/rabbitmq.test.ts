import { connect, type Channel } from 'amqplib';
import { startRabbitMq, type RabbitMqServer } from '../../harness/rabbitmq.ts';
import { testAmqp } from '../../harness/servers.ts';

const QUEUE = 'branchline.test';

async function withChannel<T>(url: string, work: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  try {
    return await work(channel);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

const declare = (channel: Channel): Promise<unknown> =>
  channel.assertQueue(QUEUE, { durable: true, arguments: { 'x-queue-type': 'quorum' } });

describe('the shared RabbitMQ', () => {
  it('gives each caller an empty virtual host of its own', async () => {
    const [first, second] = [await testAmqp(), await testAmqp()];
    await withChannel(first.url, declare);
    await expect(withChannel(second.url, (channel) => channel.checkQueue(QUEUE))).rejects.toThrow(
      'NOT_FOUND',
    );
    await Promise.all([first.drop(), second.drop()]);
    await expect(connect(first.url)).rejects.toThrow();
  });

  it('knows the consistent hash exchange', async () => {
    const place = await testAmqp();
    await withChannel(place.url, (channel) => channel.assertExchange('hash', 'x-consistent-hash'));
    await place.drop();
  });
});

describe('a private RabbitMQ', () => {
  let server: RabbitMqServer;
  let url: string;

  beforeAll(async () => {
    server = await startRabbitMq();
    url = await server.createVhost('west');
  }, 120_000);
  afterAll(() => server.remove(), 60_000);

  it('keeps queues when it is killed', async () => {
    await withChannel(url, declare);
    await server.kill();
    await expect(connect(url)).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    await withChannel(url, (channel) => channel.checkQueue(QUEUE));
  }, 120_000);

  it('loses the queues but not the virtual host when it is wiped', async () => {
    await server.wipe();
    await expect(withChannel(url, (channel) => channel.checkQueue(QUEUE))).rejects.toThrow('NOT_FOUND');
  }, 120_000);

  it('obeys rabbitmqctl', async () => {
    expect(await server.ctl('list_vhosts', '--silent')).toContain('west');
  }, 60_000);
});
