// A branch whose database goes back to an older backup, and one whose backup comes to life beside it.
import { describe, expect, it } from '@jest/globals';
import { TcpProxy } from '../contract/tcp-proxy.ts';
import { OfficeProcess } from '../e2e/office-process.ts';
import { agree, amend, paper, record, type Sale, syncState } from '../e2e/sales.ts';
import { freePort } from '../harness/ports.ts';
import { testAmqp, testDatabase } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { afterwards, selling, sold } from './afterwards.ts';
import { type Backup, backUp } from './backup.ts';
import { Company } from './company.ts';
import { onlyOnce, reckon } from './oracle.ts';
import { type Pair, pairs } from './pairs.ts';
import { stopSelling } from './seller.ts';

/** Both are far over what it takes, and together with all else well under the limit of the test. */
const FENCED_MS = 90_000;
const HANDED_OVER_MS = 90_000;

interface Stage {
  readonly company: Company;
  readonly west: OfficeProcess;
  /** Between west and the broker. */
  readonly line: TcpProxy;
  /** Stops west for a backup of its database, and starts it again. */
  backedUp(): Promise<Backup>;
}

async function open({ branch, head }: Pair): Promise<Stage> {
  const amqp = afterwards(await testAmqp());
  const line = afterwards(await TcpProxy.open(amqp.url));
  const { url } = afterwards(await testDatabase(branch));
  const settings = { LINK_URL: line.through(amqp.url) };
  const branches = { west: { database: { url }, settings } };
  const company = afterwards(await Company.open({ linkUrl: amqp.url, head: { database: head }, branches }));
  const west = company.office('west');
  const backedUp = async (): Promise<Backup> => {
    await west.stop();
    const backup = afterwards(await backUp(url));
    await west.start();
    return backup;
  };
  return { company, west, line, backedUp };
}

const isAt = async (office: OfficeProcess, id: string): Promise<Sale> =>
  (await office.get<Sale>(`/api/sales/${id}?office=west`)).body;

/** The office that has the lease answers for itself within seconds; then the other one is told what it is. */
async function untilFenced(copy: OfficeProcess): Promise<void> {
  await eventually(async () => {
    const { state, problem } = await syncState(copy);
    if (state === 'fenced') return;
    throw new Error(`two offices sell under one name: the second copy is "${state}" (${problem?.type})`);
  }, FENCED_MS);
}

async function untilHandedOver(copy: OfficeProcess): Promise<void> {
  await eventually(async () => {
    const { state, pending } = await syncState(copy);
    if (state !== 'fenced' || pending > 0)
      throw new Error(`${pending} events of the second copy, which is "${state}", were not taken over`);
  }, HANDED_OVER_MS);
}

describe.each(pairs(1, 1))('a branch on $branch and a head on $head', (pair) => {
  it('join what it sold after a restore with what it had sold before, each sale once', async () => {
    const { company, west, line, backedUp } = await open(pair);
    const first = await record(west, paper(1));
    const before = selling(west, 3);
    await sold(before);
    await stopSelling(before);
    await agree(company.head, west, 'west', 90_000);
    const backup = await backedUp();
    const acked = selling(west, 3);
    await amend(west, first.id, { qty: 500 });
    await sold(acked);
    await stopSelling(acked);
    await agree(company.head, west, 'west', 90_000);
    line.cut();
    const unheard = selling(west, 2); // nobody but the lost disk ever knows of these
    await sold(unheard);
    await stopSelling(unheard);
    await west.kill();
    await backup.restore();
    await west.start();
    const since = selling(west, 3);
    await amend(west, first.id, { region: 'North' });
    await sold(since);
    line.join();
    await sold(since);
    await stopSelling(since);
    await reckon(company, 'west', [...before, ...acked, ...since, ...onlyOnce(unheard)]);
    for (const office of [company.head, west])
      expect(await isAt(office, first.id)).toMatchObject({ qty: 500, region: 'North' });
  }, 300_000);

  it('take over what a second copy of it has sold, fence that one, and sell on', async () => {
    const { company, west, backedUp } = await open(pair);
    const first = await record(west, paper(1));
    const before = selling(west, 2);
    await sold(before);
    await stopSelling(before);
    await agree(company.head, west, 'west', 90_000);
    const url = await (await backedUp()).clone();
    await agree(company.head, west, 'west', 90_000); // it is the one that is known to be alive
    const settings = { ...west.settings, DATABASE_URL: url, PORT: String(await freePort()) };
    const copy = await OfficeProcess.launch(settings);
    afterwards({ close: async () => void (await copy.stop()) });
    await copy.becomes(200);
    const [atWest, atCopy] = [selling(west, 2, 20), selling(copy, 2, 20)];
    await Promise.all([amend(west, first.id, { qty: 500 }), amend(copy, first.id, { region: 'North' })]);
    await untilFenced(copy);
    await untilHandedOver(copy);
    expect((await syncState(west)).state).not.toBe('fenced'); // one of the two must be able to sell
    await sold(atWest);
    await stopSelling([...atWest, ...atCopy]);
    const strange = atCopy.flatMap(({ refusals }) => refusals).filter((text) => !/office-fenced/.test(text));
    expect(strange).toEqual([]);
    const toldByCopy = atCopy.map((seller) => ({ sold: seller.sold, refusals: [] }));
    await reckon(company, 'west', [...before, ...atWest, ...toldByCopy]);
    for (const office of [company.head, west])
      expect(await isAt(office, first.id)).toMatchObject({ qty: 500, region: 'North' });
  }, 420_000);
});
