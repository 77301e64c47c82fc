import { LIMITS } from '../../domain/sync/limits.ts';
import { BranchStory, point } from './sync-branch-story.ts';

describe('a second copy', () => {
  const held = { kind: 'refused', reason: 'lease-held', detail: 'x', cursor: point(3) } as const;

  const refusal = { ...held, reason: 'second-copy' } as const;

  function fenced(): BranchStory {
    const story = refusedOnce();
    story.ports.pass(LIMITS.copyRetryMs);
    story.do({ on: 'tick' });
    story.whenHears(refusal).then({ do: 'hand-over' }).thenPhase('fenced');
    return story;
  }

  function refusedOnce(): BranchStory {
    const story = new BranchStory({}, { last: point(6), acked: point(3) });
    story.do({ on: 'link-up' });
    story.whenHears(held).then({ do: 'hold-appends' }, { do: 'consume-feed' }).thenPhase('refused');
    return story;
  }

  it('greets again when the lease of a process that has died has ended, never before', () => {
    const story = new BranchStory({}, { last: point(6), acked: point(3) });
    story.ports.random = () => 0;
    story.do({ on: 'link-up' });
    story.do(story.heard(held));
    story.whenTimePasses(LIMITS.challengeMs).thenNothing();
    story.whenTimePasses(LIMITS.copyRetryMs - LIMITS.challengeMs).thenPhase('greeting');
  });

  it('is none while the lease of an earlier process of its own may still run', () => {
    const story = refusedOnce();
    story.whenTimePasses(LIMITS.copyRetryMs).then({ do: 'hold-appends' }, { do: 'read-greeting' });
    story.greets();
    expect(story.phase).toBe('streaming');
  });

  it('is the office again when the head knows of no other that is alive', () => {
    const story = fenced();
    story
      .whenHears({ kind: 'greet-again' })
      .then({ do: 'unfence' }, { do: 'hold-appends' }, { do: 'read-greeting' })
      .thenPhase('greeting');
    expect(story.state.fenced).toBe(false);
  });

  it('stays fenced when its database could not be told that it is free, and asks again', () => {
    const story = fenced();
    story.whenHears({ kind: 'greet-again' }).thenPhase('greeting');
    const failed = { effect: 'unfence', type: 'database-unavailable', detail: 'full', retry: true } as const;
    story
      .when({ on: 'failed', ...failed })
      .thenNothing()
      .thenPhase('fenced');
    expect(story.state.fenced).toBe(true);
    story.whenTimePasses(LIMITS.backoffMaxMs).then({ do: 'hand-over' });
  });

  it('is none when another process has taken a session with the same database', () => {
    const story = fenced();
    story
      .when({ on: 'failed', effect: 'hand-over', type: 'second-process', detail: 'x', retry: false })
      .then({ do: 'hold-appends' })
      .thenPhase('greeting');
    expect(story.state.fenced).toBe(false);
  });

  it('is fenced, hands over, and says what to do', () => {
    expect(fenced().state.problem).toMatchObject({
      type: 'second-copy',
      detail: expect.stringMatching(/Stop this copy/),
    });
  });

  it('never greets again, which would take the session from the live one', () => {
    const story = fenced();
    story.when({ on: 'sync-now' }).then({ do: 'hand-over' }).thenPhase('fenced');
    story.do({ on: 'link-down', reason: 'x' });
    story.when({ on: 'link-up' }).then({ do: 'hand-over' }).thenPhase('fenced');
    story.when({ on: 'appended', last: point(7) }).thenNothing();
  });

  it('hands over again until it was taken, then is quiet', () => {
    const story = fenced();
    story.whenTimePasses(LIMITS.refusedRetryMs - 1).thenNothing();
    story.whenTimePasses(1).then({ do: 'hand-over' });
    story.whenHears({ kind: 'stranded-taken' }).thenNothing();
    story.whenTimePasses(LIMITS.refusedRetryMs).thenNothing().thenPhase('fenced');
  });

  it('stays fenced over a restart', () => {
    const story = new BranchStory({ fenced: true }, { last: point(6) });
    story.when({ on: 'link-up' }).then({ do: 'hand-over' }).thenPhase('fenced');
  });

  it('tries again when handing over failed', () => {
    const story = fenced();
    const failed = { effect: 'hand-over', type: 'link-unavailable', detail: 'x', retry: true } as const;
    story
      .when({ on: 'failed', ...failed })
      .thenNothing()
      .thenPhase('fenced');
    story.whenTimePasses(LIMITS.refusedRetryMs).then({ do: 'hand-over' });
  });
});
