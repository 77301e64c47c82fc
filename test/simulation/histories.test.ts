import { FAILED_SEEDS } from './failed-seeds.ts';
import { runHistory } from './history.ts';
import type { Tempo } from './plan.ts';

const run = (seed: number, tempo: Tempo = 'hours') => runHistory({ seed, branches: null, tempo });

const SEEDS = FAILED_SEEDS.map(([seed, what, tempo = 'hours']) => [seed, what, tempo] as const);

describe('a simulated history', () => {
  it.each([
    [3, 'hours'],
    [11, 'hours'],
    [42, 'hours'],
    [12, 'seasons'],
  ] as const)(
    'is the same when it is run again (seed %i, %s)',
    async (seed, tempo) => {
      const [once, again] = [await run(seed, tempo), await run(seed, tempo)];
      expect(again.digest).toBe(once.digest);
      expect(again.steps).toBe(once.steps);
    },
    120_000,
  );

  it('is another one for another seed', async () => {
    expect((await run(3)).digest).not.toBe((await run(4)).digest);
  });
});

describe('every promise is kept under the bad luck that once', () => {
  it.each(SEEDS)('broke one (seed %i: %s)', async (seed, _what, tempo) => {
    expect((await run(seed, tempo)).violation).toBeNull();
  });
});
