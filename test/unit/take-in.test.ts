import { describe, expect, it } from '@jest/globals';
import { sales } from '../../domain/datasets/sales.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Dot, dotName } from '../../domain/event.ts';
import type { Ledger } from '../../mixins/ledger/ledger.ts';
import { TakeIn } from '../../mixins/ledger/take-in.ts';
import { realTime, type Scheduler } from '../../mixins/sync/scheduler.ts';
import { OfficeLog } from './sync-log.ts';

/** Timers that never fire by themselves. */
class Timers implements Scheduler {
  readonly nextTurn = realTime.nextTurn;
  readonly waiting = new Set<() => void>();

  after(_delayMs: number, task: () => void): () => void {
    this.waiting.add(task);
    return () => void this.waiting.delete(task);
  }
}

/** A ledger in which so many sales wait that are known by now. */
function office(count: number, judge: (dot: Dot) => Promise<unknown> = async () => undefined) {
  const log = new OfficeLog('west');
  for (let n = 0; n < count; n++) log.records(`sale-${n}`);
  const held = log.events.map(({ event }, index) => ({ event, position: index + 1 }));
  const judged: string[] = [];
  const ledger = {
    read: {
      logRow: async () => ({ position: held.length, headOffice: 'head' }),
      waiting: async () => held.map(({ position }) => ({ position, reason: 'version-unknown' })),
      eventsAt: async () => held,
    },
    judgeAgain: async (dot: Dot) => {
      judged.push(dotName(dot));
      await judge(dot);
      return { status: 'applied' };
    },
  };
  const timers = new Timers();
  const alarms: string[] = [];
  const datasetNamed = (name: string) => (name === 'sales' ? sales : null);
  const takeIn = new TakeIn({
    ledger: ledger as unknown as Ledger,
    datasetNamed,
    scheduler: timers,
    onAlarm: ({ type, detail }) => alarms.push(`${type}: ${detail}`),
  });
  return { takeIn, ledger, timers, judged, alarms };
}

describe('an office that closes', () => {
  it('no longer tries again to take in what waits, however often it was asked to', async () => {
    const { takeIn, ledger, timers } = office(1);
    let reads = 0;
    ledger.read.logRow = async () => {
      reads += 1;
      throw new Error('the database is away');
    };
    const tries = [takeIn.untilDone(), takeIn.untilDone()];
    while (timers.waiting.size < 2) await realTime.nextTurn();
    await takeIn.close();
    expect(await Promise.all(tries)).toEqual([0, 0]);
    expect(timers.waiting.size).toBe(0);
    expect(reads).toBe(2);
  });

  it('takes in no more than the event that it is at', async () => {
    const { takeIn, judged } = office(3, async () => void takeIn.close());
    expect(await takeIn.all()).toBe(1);
    expect(judged).toEqual(['west@1:1']);
  });
});

describe('an event that waits', () => {
  const failsAtFirst = (error: Error) =>
    office(3, async ({ seq }) => {
      if (seq === 1) throw error;
    });

  it('holds up none behind it when it cannot be judged, and is told', async () => {
    const { takeIn, judged, alarms } = failsAtFirst(new Error('no such contender'));
    expect(await takeIn.all()).toBe(2);
    expect(judged).toHaveLength(3);
    expect(alarms).toEqual(['event-not-judged: west@1:1 still waits: no such contender']);
  });

  it.each(['event-discarded', 'unknown-event'])('is passed over when it is gone (%s)', async (type) => {
    const { takeIn, alarms } = failsAtFirst(new DomainError(type, 'gone'));
    expect(await takeIn.all()).toBe(2);
    expect(alarms).toEqual([]);
  });

  it('is judged again later when the database goes away', async () => {
    const away = new DomainError('database-unavailable', 'the database is away');
    const { takeIn, judged, timers, alarms } = failsAtFirst(away);
    const taken = takeIn.untilDone();
    while (timers.waiting.size === 0) await realTime.nextTurn();
    expect(judged).toHaveLength(1);
    expect(alarms).toEqual([expect.stringMatching(/^take-in-failed: .*the database is away/)]);
    await takeIn.close();
    expect(await taken).toBe(0);
  });
});
