// Users of the broker who are taken away, and given back.
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { branchRights, headRights, type BrokerRights } from '../../mixins/link/amqp-rights.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { pair } from './pairs.ts';
import { PrivateBroker } from './private-broker.ts';
import { sellers, stopSelling } from './seller.ts';
import { logLines, sellMore, untilProblem, untilWell } from './watch.ts';

const PASSWORD = 'of-their-own';
const MOST_LINES = 12;

let broker: PrivateBroker;
let company: Company;

beforeAll(async () => {
  broker = await PrivateBroker.start();
}, 120_000);

afterAll(() => broker.server.remove(), 60_000);
afterEach(() => company.close(), 60_000);

function as(user: string): { readonly LINK_URL: string } {
  const url = new URL(broker.url);
  Object.assign(url, { username: user, password: PASSWORD });
  return { LINK_URL: url.href };
}

async function giveUser(user: string, { configure, write, read, topic }: BrokerRights): Promise<void> {
  const { ctl } = broker.server;
  await ctl('add_user', user, PASSWORD);
  const into = ['--vhost', 'shops', user];
  if (topic) await ctl('set_topic_permissions', ...into, topic.exchange, topic.write, topic.read);
  await ctl('set_permissions', ...into, configure, write, read);
}

it('users that are deleted at the broker: told as refused, and let in again when they are back', async () => {
  const { branch, head: database } = pair(3);
  const users = { head: headRights(), west: branchRights('west') };
  for (const [user, rights] of Object.entries(users)) await giveUser(user, rights);
  company = await Company.open({
    head: { database, settings: as('head') },
    branches: { west: { database: branch, settings: as('west') } },
    linkUrl: broker.url,
  });
  const { head } = company;
  const west = company.office('west');
  const atWest = sellers(west, 2, 20);
  await sellMore(atWest, 50);
  for (const office of [west, head]) {
    const user = office === head ? 'head' : 'west';
    await broker.server.ctl('delete_user', user);
    const detail = await untilProblem(office, 'link-refused');
    expect(detail).toContain('ACCESS_REFUSED');
    expect(detail).not.toContain(PASSWORD);
    await sellMore(atWest, 100);
    await giveUser(user, users[user]);
    await untilWell(office);
  }
  await stopSelling(atWest);
  await reckon(company, 'west', atWest);
  for (const office of [west, head]) expect(logLines(office).length).toBeLessThan(MOST_LINES);
}, 400_000);
