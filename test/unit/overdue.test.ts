// Conflicts that wait too long for a person: counted by the office's clock, told when they are more, and once a day.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Office } from '../../mixins/office.ts';
import { NO_CONTACT } from '../../mixins/sync/sync.ts';
import { realTime } from '../../mixins/sync/scheduler.ts';
import { openConflicts, OverdueWatch } from '../../services/conflicts/overdue.ts';
import { officePage } from '../../services/page/office-page.ts';
import { TestPorts } from './sync-ports.ts';

const HOUR_MS = 3_600_000;

class World {
  readonly ports = new TestPorts();
  readonly said: string[] = [];
  readonly opened: string[] = [];
  readonly office: Office;
  readonly watch: OverdueWatch;
  #tasks: (() => void)[] = [];

  constructor() {
    const countCases = ({ openedBefore = '9' }: { openedBefore?: string }) =>
      Promise.resolve(this.opened.filter((at) => at < openedBefore).length);
    const config = { conflictAlarmHours: 24 };
    this.office = {
      ledger: () => ({ read: { countCases } }),
      config,
      ports: this.ports,
    } as unknown as Office;
    const tell = (text: unknown) => void this.said.push(String(text));
    this.watch = new OverdueWatch(
      this.office,
      { warn: tell, info: tell },
      { nextTurn: realTime.nextTurn, after: (_, task) => (this.#tasks.push(task), () => (this.#tasks = [])) },
    );
  }

  opens(): void {
    this.opened.push(`${new Date(this.ports.nowMs()).toISOString()}/0000`);
  }

  async passes(hours: number): Promise<void> {
    this.ports.pass(hours * HOUR_MS);
    this.#tasks.splice(0).forEach((task) => task());
    await nextTurn();
  }

  get isWatching(): boolean {
    return this.#tasks.length > 0;
  }
}

describe('conflicts that nobody settles', () => {
  it('are overdue after the time that is set', async () => {
    const world = new World();
    world.opens();
    expect(await openConflicts(world.office)).toEqual({ open: 1, overdue: 0, alarmHours: 24 });
    await world.passes(25);
    world.opens();
    expect(await openConflicts(world.office)).toEqual({ open: 2, overdue: 1, alarmHours: 24 });
  });

  it('are told of once, when there are more, and each day', async () => {
    const world = new World();
    world.opens();
    await world.watch.look();
    expect(world.said).toEqual([]);
    await world.passes(25);
    expect(world.said).toEqual([expect.stringMatching(/^conflicts-overdue: 1 conflict has waited/)]);
    world.opens();
    await world.passes(1);
    expect(world.said).toHaveLength(1);
    await world.passes(24);
    expect(world.said.at(-1)).toMatch(/2 conflicts have waited longer than 24 hours .*--older-than 24h$/);
    await world.passes(23);
    expect(world.said).toHaveLength(2);
    await world.passes(1);
    expect(world.said).toHaveLength(3);
    world.opened.length = 0;
    await world.passes(1);
    expect(world.said.at(-1)).toBe('No conflict has waited longer than 24 hours any more.');
    world.watch.stop();
    expect(world.isWatching).toBe(false);
  });

  it('are an alarm on the page of the head', () => {
    const status = { ...NO_CONTACT, state: 'head', waiting: 0, unfit: [] };
    const page = (role: 'head' | 'branch', overdue: number) =>
      officePage({
        office: { office: 'hq', name: 'HQ', role },
        status,
        held: null,
        conflicts: { open: 3, overdue, alarmHours: 24 },
      });
    expect(page('head', 2)).toMatch(
      /id="overdue"[^]*2 of the open conflicts have waited longer than 24\s+hours/,
    );
    expect(page('head', 0)).not.toMatch(/overdue/);
    expect(page('branch', 2)).not.toMatch(/overdue/);
  });
});
