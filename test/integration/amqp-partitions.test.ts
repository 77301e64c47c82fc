// The offices spread over the nodes of a head.
import type { UpMessage } from '../../domain/sync/messages.ts';
import { createAmqpHeadLink } from '../../mixins/link/amqp-head.ts';
import { upQueues } from '../../mixins/link/amqp-topology.ts';
import { batch, numbersOf } from '../contract/link-world.ts';
import { eventually } from '../harness/wait.ts';
import { brokerStage, OFFICES } from './amqp-stage.ts';

const stage = brokerStage();

function numberUpTo10(message: UpMessage): string[] {
  return message.kind === 'batch' && message.firstSeq <= 10 ? [`${message.office} ${message.firstSeq}`] : [];
}

describe('partitions', () => {
  async function sendFromAll(count: number): Promise<void> {
    const branches = await Promise.all(OFFICES.map((office) => stage.startBranch(office)));
    await Promise.all(branches.map(({ heard }) => heard.untilUp()));
    for (const [i, { link }] of branches.entries())
      await Promise.all(Array.from({ length: count }, (_, n) => link.send(batch(n + 1, OFFICES[i]))));
  }

  it('spread the offices over the head’s nodes, each office in order at one of them', async () => {
    const heads = [await stage.startHead({ partitions: 8 }), await stage.startHead({ partitions: 8 })];
    await Promise.all(heads.map(({ heard }) => heard.untilUp()));
    await sendFromAll(50);
    await eventually(() =>
      expect(heads.reduce((sum, { heard }) => sum + heard.messages.length, 0)).toBe(50 * OFFICES.length),
    );
    for (const office of OFFICES) {
      const seen = heads.map(({ heard }) =>
        numbersOf(heard.messages.filter((message) => message.kind === 'batch' && message.office === office)),
      );
      expect(seen.map((numbers) => numbers.length).sort((a, b) => a - b)).toEqual([0, 50]);
      expect(seen.flat()).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    }
  });

  it('can be changed: nothing is lost, and nothing waits in a queue that nobody reads', async () => {
    for (const partitions of [3, 1, 2]) {
      const head = await stage.startHead({ partitions });
      await head.heard.untilUp();
      await sendFromAll(10);
      // A head that stopped may have left its last ones unacknowledged: those come again.
      const heard = () => new Set(head.heard.messages.flatMap(numberUpTo10));
      await eventually(() => expect(heard().size).toBe(10 * OFFICES.length));
      await head.link.stop();
      expect(await stage.existing([...upQueues(1), ...upQueues(4)])).toEqual(upQueues(partitions));
    }
  });

  it('are a number from 1 to 64', () => {
    for (const partitions of [0, 65, 1.5, Number.NaN])
      expect(() => createAmqpHeadLink({ url: stage.url, partitions })).toThrow('partitions');
  });
});
