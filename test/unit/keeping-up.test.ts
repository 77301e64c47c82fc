import { describe, expect, it } from '@jest/globals';
import { KeepingUp } from '../../mixins/ledger/keeping-up.ts';
import { HandClock, settled } from './sync-driver-office.ts';

/** A node whose log counts so many changes of definitions, as another node has made them. */
function node(learn: () => Promise<void>) {
  const clock = new HandClock();
  const alarms: string[] = [];
  let learnt = 0;
  const keepingUp = new KeepingUp({
    ledger: { read: { logRow: async () => ({ definitions: 1 }) as never } },
    datasets: {
      definitions: 0,
      learn: () => {
        learnt += 1;
        return learn();
      },
    },
    takeIn: { lookedTo: 0, newest: async () => 0 },
    scheduler: clock,
    onAlarm: ({ type, detail }) => alarms.push(`${type}: ${detail}`),
  });
  return { keepingUp, clock, alarms, learnt: () => learnt };
}

describe('a node of a head that follows the others', () => {
  it('tries again once a second, and tells what it failed at', async () => {
    const { keepingUp, clock, alarms, learnt } = node(() => Promise.reject(new Error('no such table')));
    keepingUp.start();
    await clock.pass(1_000);
    expect(learnt()).toBe(2);
    expect(alarms).toHaveLength(2);
    expect(alarms[0]).toMatch(/^keep-up-failed: .*no such table/);
    await keepingUp.close();
  });

  it('does not begin again while a table takes long', async () => {
    const { keepingUp, clock, learnt } = node(() => new Promise(() => {}));
    keepingUp.start();
    await clock.pass(5_000);
    expect(learnt()).toBe(1);
  });

  it('ends when it is closed', async () => {
    const { keepingUp, clock, learnt } = node(async () => undefined);
    keepingUp.start();
    await settled();
    await keepingUp.close();
    await clock.pass(5_000);
    expect(learnt()).toBe(1);
  });
});
