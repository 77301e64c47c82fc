// A head whose database goes back to an older backup, while branches had gone on.
import { describe, expect, it } from '@jest/globals';
import { TcpProxy } from '../contract/tcp-proxy.ts';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { agree, amend, count, digest, paper, record, type Sale, syncState } from '../e2e/sales.ts';
import { messagesIn } from '../harness/rabbitmq-vhosts.ts';
import { testAmqp, testAmqpManagementUrl, testDatabase } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { afterwards, selling, sold } from './afterwards.ts';
import { backUp } from './backup.ts';
import { Company } from './company.ts';
import { flawsOfSales, reckon } from './oracle.ts';
import { pairs } from './pairs.ts';
import { stopSelling } from './seller.ts';

const NOTICED_MS = 60_000;

describe.each(pairs(1, 2))('a branch on $branch and a head on $head', (pair) => {
  it('bring back to a restored head what it had acknowledged and what it had told them', async () => {
    const amqp = afterwards(await testAmqp());
    const line = afterwards(await TcpProxy.open(amqp.url));
    const { url } = afterwards(await testDatabase(pair.head));
    const company = afterwards(
      await Company.open({
        linkUrl: amqp.url,
        head: { database: { url } },
        branches: {
          west: { database: pair.branch, settings: { LINK_URL: line.through(amqp.url) } },
          east: { database: 'sqlite', subscribe: 'all' },
        },
      }),
    );
    const { head } = company;
    const [west, east] = [company.office('west'), company.office('east')];
    const inStep = async (): Promise<void> => {
      await Promise.all([agree(head, west, 'west', 90_000), agree(head, east, 'east', 90_000)]);
      await eventually(async () => {
        for (const scope of ['head', 'west'])
          expect(await digest(east, scope)).toEqual(await digest(head, scope));
      }, 90_000);
    };

    const first = await record(west, paper(1));
    const before = [west, east, head].map((office) => selling(office, 1));
    for (const one of before) await sold(one);
    await stopSelling(before.flat());
    await inStep();
    await head.stop();
    const backup = afterwards(await backUp(url));
    await head.start();

    // All of this the head has acknowledged, or has fed to branches; its backup knows nothing of it.
    const since = [west, east, head].map((office) => selling(office, 1));
    for (const one of since) await sold(one);
    await amend(head, first.id, { qty: 500 }, '?office=west');
    await stopSelling(since.flat());
    await inStep();

    // Of this it has acknowledged something, too, but west has not heard so: the answer waits in the broker.
    line.muffle();
    const heardAtHead = await count(head, 'office=west&deleted=with');
    const unheard = selling(west, 2);
    await sold(unheard);
    await eventually(async () =>
      expect(await count(head, 'office=west&deleted=with')).toBeGreaterThan(heardAtHead),
    );
    const { ackedSeq } = await syncState(west);
    line.cut();
    await eventually(async () => expect(await waitingFor(amqp.url, 'west')).toBeGreaterThan(0));
    await head.stop();
    await backup.restore();
    await head.start();
    expect(await count(head, 'office=west&deleted=with')).toBeLessThan(heardAtHead);
    expect((await syncState(west)).ackedSeq).toBe(ackedSeq);
    line.join();
    await untilNoticed(head);

    await sold(unheard);
    await stopSelling(unheard);
    await reckon(company, 'west', [before[0]!, since[0]!, unheard].flat());
    await reckon(company, 'east', [before[1]!, since[1]!].flat());
    await inStep();
    const ofHead = [before[2]!, since[2]!].flat();
    expect(await flawsOfSales(head, 'head', ofHead)).toEqual([]);
    expect(await flawsOfSales(east, 'head', ofHead)).toEqual([]);
    for (const office of [head, west])
      expect((await office.get<Sale>(`/api/sales/${first.id}?office=west`)).body).toMatchObject({ qty: 500 });
  }, 400_000);
});

/** The first branch that it hears proves to it that it was restored: or it would give the lost places to other events. */
async function untilNoticed(head: OfficeProcess): Promise<void> {
  await eventually(() => {
    if (!/head-restored/.test(head.output))
      throw new Error(
        `the head was heard and has not noticed that it was restored:\n${head.output.slice(-2_000)}`,
      );
  }, NOTICED_MS);
}

/** Messages in the control queues of an office. */
async function waitingFor(url: string, office: string): Promise<number> {
  const queues = await messagesIn(testAmqpManagementUrl(), url);
  const ofOffice = [...queues].filter(([name]) => name.startsWith(`branchline.control.${office}`));
  return ofOffice.reduce((sum, [, messages]) => sum + messages, 0);
}
