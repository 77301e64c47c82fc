import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Duty } from '../../../mixins/duty/duty.ts';
import { createRedisDuty } from '../../../mixins/duty/redis-duty.ts';
import { freePort } from '../../harness/ports.ts';
import { testRedis, type TestPlace } from '../../harness/servers.ts';
import { eventually } from '../../harness/wait.ts';

let redis: TestPlace;
const duties: Duty[] = [];

function node(url = redis.url, name = 'head:feed'): Duty {
  const duty = createRedisDuty({ url, name });
  duties.push(duty);
  return duty;
}

/** Both nodes are connected when one of them is refused. */
async function onlyFirst(first: Duty, second: Duty): Promise<void> {
  await eventually(async () => expect([await first.isMine(), await second.isMine()]).toEqual([true, false]));
}

beforeAll(async () => {
  redis = await testRedis();
});

afterEach(async () => {
  await Promise.all(duties.splice(0).map((duty) => duty.stop()));
});

afterAll(() => redis.drop());

describe('a duty shared through Redis', () => {
  it('is one node’s at a time, and stays its own', async () => {
    const [first, second] = [node(), node()];
    await onlyFirst(first, second);
    expect([await first.isMine(), await second.isMine()]).toEqual([true, false]);
  });

  it('goes to another when it is given back', async () => {
    const [first, second] = [node(), node()];
    await onlyFirst(first, second);
    await first.stop();
    expect(await second.isMine()).toBe(true);
  });

  it('is apart for every name', async () => {
    const [first, second, other] = [node(), node(), node(redis.url, 'head:other')];
    await onlyFirst(first, second);
    expect(await other.isMine()).toBe(true);
  });

  it('is announced to the other nodes', async () => {
    const [first, second] = [node(), node()];
    let heard = 0;
    second.onAnnounced(() => (heard += 1));
    await eventually(() => {
      first.announce();
      expect(heard).toBeGreaterThan(0);
    });
  });

  it('is everybody’s while Redis is away', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    expect([await node(url).isMine(), await node(url).isMine()]).toEqual([true, true]);
  });
});
