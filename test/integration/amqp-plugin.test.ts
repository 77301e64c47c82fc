// A broker without the plugin that HEAD_PARTITIONS needs: whoever reads the log or asks the doctor is told its name.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../mixins/config.ts';
import { checkBroker } from '../../mixins/doctor/check-broker.ts';
import { createAmqpHeadLink } from '../../mixins/link/amqp-head.ts';
import { QUICK } from '../contract/amqp-world.ts';
import { Listener } from '../contract/link-world.ts';
import { type RabbitMqServer, startRabbitMq } from '../harness/rabbitmq.ts';
import { eventually } from '../harness/wait.ts';

const BROKER_MS = 60_000;
const PLUGIN = 'rabbitmq_consistent_hash_exchange';

let server: RabbitMqServer;

beforeAll(async () => {
  server = await startRabbitMq(['rabbitmq_management']);
}, BROKER_MS);
afterAll(() => server.remove(), BROKER_MS);

const head = (partitions: number) =>
  readConfig({
    OFFICE_ID: 'hq',
    OFFICE_ROLE: 'head',
    LINK_URL: server.url,
    HEAD_PARTITIONS: String(partitions),
  });

describe('a broker without the plugin for partitions', () => {
  it('is told of by the head’s link', async () => {
    const link = createAmqpHeadLink({ ...QUICK, url: server.url, partitions: 2 });
    const heard = new Listener();
    await link.start(heard.events);
    try {
      await eventually(() => expect(heard.downs.join('\n')).toContain(PLUGIN));
    } finally {
      await link.stop();
    }
  });

  it('is found by the doctor, when partitions are wanted', async () => {
    expect(await checkBroker(head(2))).toContainEqual(
      expect.objectContaining({ state: 'problem', advice: expect.stringContaining(PLUGIN) as unknown }),
    );
    expect((await checkBroker(head(1))).map(({ state }) => state)).toEqual(['ok', 'ok']);
  });
});
