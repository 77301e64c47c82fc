// When the head's resolver looks at the open conflicts, with a database and a clock of its own.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../domain/errors.ts';
import type { Office } from '../../mixins/office.ts';
import { conflictsService } from '../../services/conflicts.service.ts';
import { Resolver } from '../../services/conflicts/resolver.ts';
import { realTime } from '../../mixins/sync/scheduler.ts';

class World {
  sweeps = 0;
  /** At how many cases at a time. */
  readonly looked: number[] = [];
  readonly complaints: unknown[] = [];
  readonly timers: { delayMs: number; task: () => void }[] = [];
  readonly resolver: Resolver;
  #failure: string | null = null;

  constructor() {
    const read = {
      cases: () => {
        this.sweeps += 1;
        return Promise.resolve([]);
      },
      casesById: (ids: readonly string[]) => {
        this.looked.push(ids.length);
        return this.#failure === null ? Promise.resolve([]) : Promise.reject(this.#error());
      },
    };
    const office = { ledger: () => ({ read }) } as unknown as Office;
    const error = (...words: unknown[]) => this.complaints.push(...words);
    const journal = { info() {}, warn() {}, error };
    this.resolver = new Resolver(office, journal, {
      nextTurn: realTime.nextTurn,
      after: (delayMs, task) => {
        const timer = { delayMs, task };
        this.timers.push(timer);
        return () => void (this.timers.includes(timer) && this.timers.splice(this.timers.indexOf(timer), 1));
      },
    });
  }

  fails(type: string | null): void {
    this.#failure = type;
  }

  delays(): number[] {
    return this.timers.map(({ delayMs }) => delayMs);
  }

  async fire(): Promise<void> {
    this.timers.splice(0).forEach(({ task }) => task());
    await nextTurn();
  }

  #error(): DomainError {
    return new DomainError(this.#failure!, 'not now');
  }
}

describe('the resolver', () => {
  it('sweeps every minute, though nobody tells it of anything', async () => {
    const world = new World();
    await world.resolver.sweep();
    for (const sweeps of [1, 2, 3]) {
      expect([world.sweeps, world.delays()]).toEqual([sweeps, [60_000]]);
      await world.fire();
    }
  });

  it.each(['too-many-waiting', 'database-unavailable'])('looks again soon after %s, once', async (type) => {
    const world = new World();
    await world.resolver.sweep();
    world.fails(type);
    await world.resolver.look(['a', 'b']);
    expect([world.delays(), world.complaints]).toEqual([[1_000], []]);
    world.fails(null);
    await world.fire();
    expect([world.sweeps, world.delays()]).toEqual([2, [60_000]]);
  });

  it('looks at as many at a time as are committed together', async () => {
    const world = new World();
    await world.resolver.look(Array.from({ length: 1_200 }, (_, index) => `case ${index}`));
    expect(world.looked).toEqual([500, 500, 200]);
  });

  it('complains of what does not pass by itself, and keeps its minute', async () => {
    const world = new World();
    await world.resolver.sweep();
    world.fails('invariant-broken');
    await world.resolver.look(['a']);
    expect([world.delays(), world.complaints.length]).toEqual([[60_000], 1]);
  });

  it('leaves no timer behind when it stops, also in the middle of a sweep', async () => {
    const world = new World();
    await world.resolver.sweep();
    const under = world.resolver.sweep();
    world.resolver.stop();
    await under;
    await world.resolver.look(['a']);
    expect(world.delays()).toEqual([]);
  });
});

describe('the service of conflicts', () => {
  /** How many wait for the office to open, in order to rule. */
  function rulersOf(role: 'head' | 'branch', looksOnly: boolean): number {
    let rulers = 0;
    const office = { config: { role }, looksOnly, onOpened: () => (rulers += 1), onCommitted() {} };
    const { started } = conflictsService(office as unknown as Office);
    const broker = { getLogger: () => ({}) };
    (started as (this: object) => void).call({ broker });
    return rulers;
  }

  it('rules at a head that runs, and nowhere else', () => {
    expect(rulersOf('head', false)).toBe(1);
    expect(rulersOf('branch', false)).toBe(0);
  });

  it('rules nothing for a command that only looks', () => {
    expect(rulersOf('head', true)).toBe(0);
  });
});
