import { LIMITS } from '../../domain/sync/limits.ts';
import type { BranchOptions } from '../../domain/sync/branch-start.ts';
import { BranchStory, point, sends } from './sync-branch-story.ts';

describe('a claim of a fenced copy', () => {
  const refusal = { kind: 'refused', reason: 'second-copy', detail: 'x', cursor: point(6) } as const;
  const held = { ...refusal, reason: 'lease-held' } as const;
  const greeting = [{ do: 'hold-appends' }, { do: 'read-greeting' }];

  function fenced(options: Partial<BranchOptions> = {}): BranchStory {
    const story = new BranchStory({ fenced: true, ...options }, { last: point(6), acked: point(6) });
    story.do({ on: 'link-up' });
    story.whenHears({ kind: 'stranded-taken' }).thenNothing();
    return story;
  }

  function claimed(options?: Partial<BranchOptions>): BranchStory {
    const story = fenced(options);
    story
      .when({ on: 'claim' })
      .then(...greeting)
      .thenPhase('greeting');
    return story;
  }

  it('greets, and is fenced no more once it streams, not before', () => {
    const story = claimed();
    expect(story.state).toMatchObject({ claiming: true, fenced: false });
    const effects = story.greets().map((effect) => effect.do);
    expect(effects.filter((effect) => effect === 'unfence')).toHaveLength(1);
    expect(story.phase).toBe('streaming');
    expect(story.state.claiming).toBe(true); // until the database knows
    story.do({ on: 'unfenced' });
    expect(story.state).toMatchObject({ claiming: false, fenced: false, problem: null });
  });

  it('gets what it misses before it is fenced no more', () => {
    const story = claimed();
    const effects = story.greets({ cursor: point(9), hashAtYourLast: point(6).hash }, null);
    expect(effects).toMatchObject([
      { do: 'send', message: { kind: 'fetch', after: 6 } },
      { do: 'hold-appends' },
    ]);
    expect(story.state.claiming).toBe(true);
  });

  it('has whoever holds the lease asked first, and comes again when it did not answer', () => {
    const story = claimed();
    story.whenHears(held).then({ do: 'hold-appends' }, { do: 'consume-feed' }).thenPhase('refused');
    story.whenTimePasses(LIMITS.copyRetryMs).then(...greeting);
    expect(story.greets()).toContainEqual({ do: 'unfence' });
  });

  it.each(['second-copy', 'second-process'] as const)('is over when the other one is alive: %s', (reason) => {
    const story = claimed();
    story
      .whenHears({ ...refusal, reason })
      .then({ do: 'hand-over' })
      .thenPhase('fenced');
    expect(story.state).toMatchObject({
      claiming: false,
      fenced: true,
      problem: { type: 'second-copy', detail: expect.stringMatching(/^The claim was refused/) as unknown },
    });
    story.whenHears({ kind: 'stranded-taken' }).thenNothing();
    story.whenTimePasses(LIMITS.refusedRetryMs).thenNothing().thenPhase('fenced');
  });

  it('goes on over a restart, whatever the mode', () => {
    const story = new BranchStory({ claiming: true, mode: 'manual' }, { last: point(6), acked: point(6) });
    story.when({ on: 'link-up' }).then(...greeting);
    expect(story.greets()).toContainEqual({ do: 'unfence' });
    story.when({ on: 'unfenced' }).then(sends('bye'), { do: 'hold-appends' }, { do: 'consume-feed' });
    expect(story.phase).toBe('idle');
  });

  it('waits for the link, and while sync is paused', () => {
    const story = fenced();
    story.do({ on: 'link-down', reason: 'x' });
    story.when({ on: 'claim' }).thenNothing().thenPhase('offline');
    story.do({ on: 'pause' });
    story.when({ on: 'link-up' }).thenNothing().thenPhase('idle');
    story.when({ on: 'resume' }).then(...greeting, { do: 'save-paused' });
  });

  it('is not begun while sync is paused', () => {
    const story = fenced({ paused: true });
    story.when({ on: 'claim' }).thenNothing().thenPhase('fenced');
  });

  it('is done for whoever waits when it streams, is in step, and the database knows', () => {
    const story = claimed();
    story.greets();
    story.whenTimePasses(0).then(sends('probe'));
    story.when(story.answered(point(6))).thenNothing();
    story.when({ on: 'unfenced' }).then({ do: 'drained' });
  });

  it('is waited for by whoever claims once more', () => {
    const story = new BranchStory({ claiming: true }, { last: point(6), acked: point(6) });
    story.do({ on: 'link-up' });
    story.when({ on: 'claim' }).thenNothing().thenPhase('greeting');
    story.greets();
    story.whenTimePasses(0).then(sends('probe'));
    story.when(story.answered(point(6))).thenNothing();
    story.when({ on: 'unfenced' }).then({ do: 'drained' });
  });

  it('greets again when the database could not be told that it is free', () => {
    const story = claimed();
    story.greets();
    const failed = { effect: 'unfence', type: 'disk-full', detail: 'full', retry: true } as const;
    story
      .when({ on: 'failed', ...failed })
      .then({ do: 'hold-appends' })
      .thenPhase('greeting');
    expect(story.state).toMatchObject({ claiming: true, problem: { type: 'disk-full' } });
    story.whenTimePasses(LIMITS.backoffMaxMs).then(...greeting);
    expect(story.greets()).toContainEqual({ do: 'unfence' });
  });

  it('changes nothing when it is only now known to be free, and was fenced since', () => {
    const story = fenced({ mode: 'manual' });
    story.when({ on: 'unfenced' }).thenNothing().thenPhase('fenced');
  });
});
