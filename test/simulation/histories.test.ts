import { FAILED_SEEDS } from './failed-seeds.ts';
import { runHistory } from './history.ts';

const run = (seed: number) => runHistory({ seed, branches: null });

describe('a simulated history', () => {
  it.each([3, 11, 42])('is the same when it is run again (seed %i)', async (seed) => {
    const [once, again] = [await run(seed), await run(seed)];
    expect(again.digest).toBe(once.digest);
    expect(again.steps).toBe(once.steps);
  });

  it('is another one for another seed', async () => {
    expect((await run(3)).digest).not.toBe((await run(4)).digest);
  });
});

describe('every promise is kept under the bad luck that once', () => {
  it.each(FAILED_SEEDS)('broke one (seed %i: %s)', async (seed) => {
    expect((await run(seed)).violation).toBeNull();
  });
});
