// What is left of an office in its process when it has ended.
import { createHook } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { TestOffices } from '../services/served.ts';

/** How long, in milliseconds, the timers wait that were set meanwhile, still run and keep the process alive. */
async function timersLeftBy(work: () => Promise<void>): Promise<number[]> {
  const timers = new Map<number, NodeJS.Timeout & { _idleTimeout: number }>();
  const watch = createHook({
    init: (id, type, _, timer) => type === 'Timeout' && timers.set(id, timer as never),
    destroy: (id) => timers.delete(id),
  }).enable();
  await work();
  await setImmediate(); // until the cleared ones have been told
  watch.disable();
  return [...timers.values()].filter((timer) => timer.hasRef()).map(({ _idleTimeout }) => _idleTimeout);
}

it('an office that has ended leaves no timer behind that would keep its process alive', async () => {
  const life = async () => {
    const offices = new TestOffices();
    await offices.open('west', 'branch');
    await offices.closeAll();
  };
  expect(await timersLeftBy(life)).toEqual([]);
});
