// Three brokers behind HAProxy, of which nodes are killed.
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { startHaProxy } from '../harness/haproxy.ts';
import { startRabbitMqCluster, type RabbitMqServer } from '../harness/rabbitmq.ts';
import { vhostUrl } from '../harness/rabbitmq-vhosts.ts';
import type { Server } from '../harness/server.ts';
import { expectBothWays } from './both-ways.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { pair } from './pairs.ts';
import { sellers, stopSelling } from './seller.ts';
import { logLines, sellMore, StatusWatch, untilProblem, untilWell } from './watch.ts';

const VHOST = 'shops';
const MOST_LINES = 24;

let nodes: readonly RabbitMqServer[];
let proxy: Server;
let company: Company;

async function leaderOf(queue: string): Promise<RabbitMqServer> {
  const listed = await nodes[0]!.ctl('-q', '-p', VHOST, 'list_queues', 'name', 'leader');
  const line = listed.split('\n').find((text) => text.startsWith(`${queue}\t`));
  const port = /branchline-(\d+)@/.exec(line ?? '')?.[1];
  return nodes.find(({ url }) => new URL(url).port === port)!;
}

beforeAll(async () => {
  nodes = await startRabbitMqCluster();
  await nodes[0]!.createVhost(VHOST);
  proxy = await startHaProxy(nodes.map(({ url }) => url));
}, 240_000);

afterAll(async () => {
  await proxy.remove();
  await Promise.all(nodes.map((node) => node.remove()));
}, 120_000);

afterEach(() => company.close(), 60_000);

it('a cluster that loses the leader, then two of three nodes: told, sold on, and nothing lost', async () => {
  const { branch, head: database } = pair(4);
  company = await Company.open({
    head: { database },
    branches: { west: { database: branch } },
    linkUrl: vhostUrl(proxy.url, VHOST),
  });
  const { head } = company;
  const west = company.office('west');
  const atWest = sellers(west, 2, 20);
  await sellMore(atWest, 100);

  const leader = await leaderOf('branchline.up');
  const status = new StatusWatch(west);
  await leader.kill();
  await sellMore(atWest, 100);
  await stopSelling(atWest);
  await reckon(company, 'west', atWest); // without that node
  await expectBothWays(company, 'west');
  await status.end();
  await leader.restart();

  const [second, third] = nodes.filter((node) => node !== leader);
  const afterwards = sellers(west, 2, 20);
  await Promise.all([second!.kill(), third!.kill()]);
  await untilProblem(west, 'link-unavailable');
  await sellMore(afterwards, 100);
  await Promise.all([second!.restart(), third!.restart()]);
  await sellMore(afterwards, 100);
  await stopSelling(afterwards);
  await reckon(company, 'west', [...atWest, ...afterwards], 180_000);
  await expectBothWays(company, 'west');
  await untilWell(head);
  for (const office of [west, head]) expect(logLines(office).length).toBeLessThan(MOST_LINES);
}, 600_000);
