import { setImmediate as turn } from 'node:timers/promises';
import { Backoff } from '../../mixins/link/backoff.ts';

const NEVER_MS = 1_000_000;

const timed = async (action: () => Promise<void>): Promise<number> => {
  const begun = performance.now();
  await action();
  return performance.now() - begun;
};

describe('a backoff', () => {
  it('doubles its pauses up to the longest, with jitter', async () => {
    const backoff = new Backoff({ firstMs: 8, longestMs: 32 }, new AbortController().signal);
    const longest = [8, 16, 32, 32];
    for (const ms of longest) {
      const paused = await timed(() => backoff.pause());
      expect(paused).toBeGreaterThanOrEqual(ms / 2 - 2);
    }
  });

  it('pauses shortly while it is eased', async () => {
    const signal = AbortSignal.timeout(10_000);
    const backoff = new Backoff({ firstMs: 1, longestMs: NEVER_MS }, signal);
    backoff.ease(8, NEVER_MS);
    for (let count = 0; count < 16; count++) await backoff.pause(); // doubled, they take half a minute at least
    expect(signal.aborted).toBe(false);
  });

  it('pauses no longer shortly when that is over', async () => {
    const backoff = new Backoff({ firstMs: NEVER_MS, longestMs: NEVER_MS }, AbortSignal.timeout(2_000));
    backoff.ease(8, 50);
    const begun = performance.now();
    while (performance.now() - begun < 50) await turn();
    expect(await timed(() => backoff.pause())).toBeGreaterThan(500);
  });

  it('goes on at once when what it waits for is expected any moment', async () => {
    const backoff = new Backoff({ firstMs: NEVER_MS, longestMs: NEVER_MS }, new AbortController().signal);
    const pausing = timed(() => backoff.pause());
    backoff.hurry(4);
    expect(await pausing).toBeLessThan(1_000);
    expect(await timed(() => backoff.pause())).toBeLessThan(1_000);
  });

  it('forgets the hurry when it is reset', async () => {
    const signal = AbortSignal.timeout(60);
    const backoff = new Backoff({ firstMs: NEVER_MS, longestMs: NEVER_MS }, signal);
    backoff.hurry(4);
    backoff.reset();
    expect(await timed(() => backoff.pause())).toBeGreaterThan(40);
  });

  it('ends with its signal', async () => {
    const ended = new AbortController();
    const backoff = new Backoff({ firstMs: NEVER_MS, longestMs: NEVER_MS }, ended.signal);
    const pausing = timed(() => backoff.pause());
    ended.abort();
    expect(await pausing).toBeLessThan(1_000);
    expect(await timed(() => backoff.pause())).toBeLessThan(1_000);
  });
});
