import { drawPlan } from './draw-plan.ts';
import { CELLS } from './faults.ts';
import { Prng } from './prng.ts';

/** States in which an office is soon over, and chance finds it too seldom. */
const RARE = [
  'forking',
  'returning',
  'aligning',
  'locating',
  'starting',
  'head-starting',
  'head-without-database',
];

describe('a thousand seeds', () => {
  it('aim every fault at every state that is soon over, more than once', () => {
    const aims = new Map<string, number>();
    for (let seed = 1; seed <= 1_000; seed++)
      for (const { fault, state } of drawPlan(new Prng(seed), null, seed, 'hours').aims)
        aims.set(`${fault} ${state}`, (aims.get(`${fault} ${state}`) ?? 0) + 1);
    const rare = CELLS.filter(({ state }) => RARE.includes(state));
    expect(rare.length).toBeGreaterThan(200);
    const missed = rare.filter(({ fault, state }) => (aims.get(`${fault.name} ${state}`) ?? 0) < 3);
    expect(missed.map(({ fault, state }) => `${fault.name} ${state}`)).toEqual([]);
  });
});
