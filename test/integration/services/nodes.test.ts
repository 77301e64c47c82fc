// Several Moleculer nodes of one head: what each of them has to hear, and how they are told apart.
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { ServiceBroker } from 'moleculer';
import { BUILT_IN } from '../../../domain/datasets/registry.ts';
import { NOTHING_SAID } from '../../../domain/sync/messages.ts';
import { readConfig } from '../../../mixins/config.ts';
import type { Office } from '../../../mixins/office.ts';
import { brokerOptions } from '../../../moleculer.config.ts';
import { hubService } from '../../../services/hub.service.ts';
import { officesService } from '../../../services/offices.service.ts';
import { syncService } from '../../../services/sync.service.ts';
import { eventually } from '../../harness/wait.ts';

const brokers: ServiceBroker[] = [];
afterAll(() => Promise.all(brokers.map((broker) => broker.stop())));

const config = readConfig({
  OFFICE_ID: 'head',
  OFFICE_ROLE: 'head',
  DATABASE_URL: 'sqlite:unused.sqlite',
  PORT: '0',
  LOG_LEVEL: 'fatal',
  TRANSPORTER: 'amqp://unused',
});
const ROW = {
  office: 'west',
  name: 'West',
  status: 'active',
  subscribe: 'own',
  cursor: { seq: 0, epoch: 0 },
  datasets: NOTHING_SAID,
};

/** One node of the head, joined with the others in this process. */
async function node() {
  const heard = jest.fn(async () => {});
  const row = async () => ({ ...ROW, safeSeq: 0, lastContactAtMs: 0, addedAtMs: 0 });
  const office = {
    config,
    datasets: BUILT_IN,
    ledger: () => ({ addOffice: row, retireOffice: row }),
    headSync: () => ({ officesChanged: heard, contacts: () => new Map() }),
  } as unknown as Office;
  const broker = new ServiceBroker({ ...brokerOptions(config), transporter: 'Fake', created: () => {} });
  brokers.push(broker);
  for (const service of [hubService, officesService, syncService]) broker.createService(service(office));
  await broker.start();
  return { broker, heard };
}

describe('the nodes of one head', () => {
  it('all hear of an office that is added or retired', async () => {
    const [one, two] = [await node(), await node()];
    await one.broker.waitForServices('hub');
    await eventually(() => expect(one.broker.registry.getNodeList({ onlyAvailable: true })).toHaveLength(2));
    await eventually(() => expect(two.broker.registry.getNodeList({ onlyAvailable: true })).toHaveLength(2));
    await one.broker.call('offices.add', { id: 'west' }, { nodeID: one.broker.nodeID });
    expect(one.heard).toHaveBeenCalledTimes(1); // when the call is answered, the node that answers has its queues
    await eventually(() => expect(two.heard).toHaveBeenCalledTimes(1));
    await one.broker.call('offices.retire', { id: 'west' }, { nodeID: one.broker.nodeID });
    await eventually(() =>
      expect([one.heard, two.heard].map((mock) => mock.mock.calls.length)).toEqual([2, 2]),
    );
  });

  it('have names of their own, even where every process has the same number', () => {
    const names = [brokerOptions(config), brokerOptions(config)].map(({ nodeID }) => nodeID);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^head-[0-9a-f-]{36}$/);
  });

  it('do not wait for ever for one that is gone, and as long as it takes for a sync', () => {
    expect(brokerOptions(config).requestTimeout).toBe(60_000);
    const { actions } = syncService({} as Office);
    expect(actions!['now']).toMatchObject({ timeout: 3_660_000 });
  });
});
