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

  it('pauses shortly for a while when it is eased, and no longer', async () => {
    const backoff = new Backoff({ firstMs: 1, longestMs: NEVER_MS }, AbortSignal.timeout(4_000));
    backoff.ease(8, 2_000);
    const begun = performance.now();
    let pauses = 0;
    for (; performance.now() - begun < 1_000; pauses++) await backoff.pause();
    expect(pauses).toBeGreaterThan(20); // doubled, the eleventh alone would take a second
    while (performance.now() - begun < 2_000) await backoff.pause();
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
