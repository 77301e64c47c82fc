import { beginAnew } from '../../domain/sync/branch-failure.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { ack, BranchStory, point, run, sends, streaming } from './sync-branch-story.ts';

const problem = { type: 'invariant-broken', detail: 'x' };

function offline(): BranchStory {
  const story = streaming({ last: 3 });
  story.do({ on: 'link-down', reason: 'x' });
  return story;
}

function paused(): BranchStory {
  const story = streaming({ last: 3 });
  story.do({ on: 'pause' });
  return story;
}

function fenced(): BranchStory {
  const story = new BranchStory({ fenced: true }, { last: point(3) });
  story.do({ on: 'link-up' });
  return story;
}

describe('a machine that broke a rule of its own', () => {
  const anew = (story: BranchStory) => {
    const { state } = story;
    const busy = { ...state, feed: { ...state.feed, applying: true, pulling: true } };
    return beginAnew(busy, problem, story.ports);
  };

  it('forgets what was under way, and greets after a pause; sales go on meanwhile', () => {
    const story = streaming({ last: 3 });
    const { state, effects } = anew(story);
    expect(state).toMatchObject({ phase: { name: 'greeting' }, nonce: '', problem });
    expect(state.feed).toMatchObject({ applying: false, pulling: false });
    expect(state.deadlineMs).toBeGreaterThan(story.ports.elapsedMs());
    expect(effects).toEqual([{ do: 'hold-appends', held: false }]);
  });

  it.each([
    ['offline', offline],
    ['idle', paused],
    ['fenced', fenced],
  ])('stays %s', (phase, begin) => {
    const { state, effects } = anew(begin());
    expect(state).toMatchObject({ phase: { name: phase }, nonce: '', problem });
    expect(state.feed).toMatchObject({ applying: false, pulling: false });
    expect(effects).toEqual([]);
  });
});

describe('a message that could not be sent', () => {
  const failed = { on: 'send-failed', kind: 'batch', type: 'link-unavailable', detail: 'x' } as const;

  it('ends the session, and the head is greeted after a pause', () => {
    const story = streaming({ last: 3 });
    story
      .when({ ...failed, nonce: story.state.nonce })
      .then({ do: 'hold-appends', held: false })
      .thenPhase('greeting');
    expect(story.state.problem).toEqual({ type: 'link-unavailable', detail: 'x' });
    story.whenTimePasses(LIMITS.backoffMaxMs).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });

  it.each([
    ['offline', offline],
    ['idle', paused],
    ['fenced', fenced],
  ])('is nothing to a branch that is %s', (phase, begin) => {
    const story = begin();
    const before = story.state;
    story
      .when({ ...failed, nonce: before.nonce })
      .thenNothing()
      .thenPhase(phase as 'idle');
    expect(story.state).toEqual(before);
  });
});

describe('an effect that failed', () => {
  const failed = { on: 'failed', type: 'busy', detail: 'x', retry: true } as const;

  it.each(['save-paused', 'save-quarantined', 'drained', 'send'] as const)(
    'costs nothing but a word: %s',
    (effect) => {
      const story = streaming({ last: 3 });
      story
        .when({ ...failed, effect })
        .thenNothing()
        .thenPhase('streaming');
      expect(story.state.problem).toEqual({ type: 'busy', detail: 'x' });
    },
  );

  it.each([
    ['offline', offline],
    ['idle', paused],
  ])('after the branch was %s, brings it back no sooner, and is over', (phase, begin) => {
    const story = begin();
    story.stands({ last: point(3), acked: point(3) });
    story
      .when({ ...failed, effect: 'apply-feed' })
      .thenNothing()
      .thenPhase(phase as 'idle');
    expect(story.state.feed.applying).toBe(false);
    story
      .when({ ...failed, effect: 'read-own' })
      .thenNothing()
      .thenPhase(phase as 'idle');
    expect(story.state.up.reading).toBe(false);
  });

  it('lets what was being applied when the branch left be applied in the next session', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do({ on: 'message', message: run(10, 11) });
    story.do({ on: 'pause' });
    story.when({ ...failed, effect: 'apply-feed' }).thenNothing();
    story.do({ on: 'resume' });
    story.greets();
    story
      .knowsSources()
      .when({ on: 'message', message: run(10, 11) })
      .then({ do: 'apply-feed' });
  });

  it('again and again makes the branch wait longer each time', () => {
    const story = streaming({ last: 3 });
    const waitsMs = Array.from({ length: 8 }, () => {
      story.do({ ...failed, effect: 'locate' });
      return story.state.deadlineMs - story.ports.elapsedMs();
    });
    expect(waitsMs[0]).toBeLessThanOrEqual(LIMITS.backoffMs);
    expect(waitsMs.at(-1)).toBeGreaterThanOrEqual(LIMITS.backoffMaxMs / 2);
  });

  it('is told of by a fenced copy', () => {
    const story = fenced();
    story
      .when({ ...failed, effect: 'hand-over' })
      .thenNothing()
      .thenPhase('fenced');
    expect(story.state.problem).toEqual({ type: 'busy', detail: 'x' });
  });

  it('leaves a copy fenced, without a session, until it may ask again', () => {
    const story = fenced();
    story.do(story.heard({ kind: 'greet-again' }));
    story.when({ ...failed, effect: 'unfence' }).thenNothing();
    expect(story.state).toMatchObject({
      fenced: true,
      nonce: '',
      phase: { name: 'fenced', handedOver: false },
      problem: { type: 'busy', detail: 'x' },
    });
    expect(story.state.deadlineMs).toBeGreaterThan(story.ports.elapsedMs());
  });
});

describe('a link that went', () => {
  it('takes with it what was asked and sent, and lets a waiting sale go on', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do({ on: 'appended', last: point(4) });
    story.do(story.reads(3, 4));
    story.do({ on: 'message', message: run(12, 13) }); // a gap: it pulls
    story.do({ on: 'appended', last: point(5) });
    expect(story.state).toMatchObject({ up: { reading: true }, feed: { pulling: true } });
    story
      .when({ on: 'link-down', reason: 'why' })
      .then({ do: 'hold-appends', held: false })
      .thenPhase('offline');
    expect(story.state).toMatchObject({
      nonce: '',
      problem: { type: 'link-unavailable', detail: 'why' },
      up: { reading: false, inFlight: [] },
      feed: { pulling: false },
    });
  });

  it('is waited for in peace', () => {
    const story = offline();
    story.whenTimePasses(LIMITS.backoffMaxMs).thenNothing().thenPhase('offline');
  });
});

describe('what comes at the wrong moment', () => {
  it.each([
    ['a beacon', { kind: 'beacon', feedEpoch: 1, feedEnd: 9, position: 9, safeSeq: 0, source: 'head' }],
    ['the end of a handing over', { kind: 'stranded-taken' }],
    ['the tail of another copy', { kind: 'adopt', from: 'i2/n', epoch: 2, common: point(1), events: [] }],
    ['a call to greet', { kind: 'greet-again' }],
  ] as const)('changes nothing while the head is greeted: %s', (_, message) => {
    const story = new BranchStory({}, { last: point(3), acked: point(3) });
    story.do({ on: 'link-up' });
    const before = story.state;
    story.whenHears(message).thenNothing().thenPhase('greeting');
    expect({ ...story.state, lastContactAtMs: 0 }).toEqual({ ...before, lastContactAtMs: 0 });
  });

  it('a call to greet does not shorten the wait of a branch that was refused', () => {
    const story = new BranchStory({}, { last: point(3) });
    story.do({ on: 'link-up' });
    story.do(story.heard({ kind: 'refused', reason: 'retired-office', detail: '', cursor: null }));
    story.whenHears({ kind: 'greet-again' }).thenNothing().thenPhase('refused');
  });

  it('a call to greet for anyone is heeded, one for another session is not', () => {
    const call = (nonce: string) => ({ on: 'message', message: { kind: 'greet-again', nonce } }) as const;
    const story = streaming({ last: 3 });
    story.when(call('of another')).thenNothing().thenPhase('streaming');
    story.when(call('')).then({ do: 'hold-appends' }, { do: 'read-greeting' }).thenPhase('greeting');
  });

  it('no other message is for anyone', () => {
    const story = streaming({ last: 3 });
    const message = { ...ack(point(9)), nonce: '' } as const;
    story.when({ on: 'message', message }).thenNothing();
    expect(story.state.acked).toEqual(point(3));
  });

  it('an hour that begins as it was is no news, and a sync is not asked for while paused', () => {
    const story = streaming({ last: 3 });
    story.when({ on: 'window', isOpen: true }).thenNothing().thenPhase('streaming');
    const away = paused();
    away.do({ on: 'sync-now' });
    expect(away.state.asked).toBeNull();
  });

  it('an hour that ends is no news to an office that syncs on demand', () => {
    const story = streaming({ last: 3 }, { mode: 'auto' });
    story.do({ on: 'sync-now' });
    story.when({ on: 'window', isOpen: false }).thenNothing().thenPhase('streaming');
  });
});

describe('leaving', () => {
  it.each([
    ['greets', () => new BranchStory({}, { last: point(3) })],
    ['was refused', refusedOnce],
  ])('says good bye while it %s: its nonce may have opened a session', (_, begin) => {
    const story = begin();
    if (!story.state.linkUp) story.do({ on: 'link-up' });
    story.when({ on: 'stop' }).then(sends('bye'), { do: 'hold-appends' }, { do: 'consume-feed' });
    expect(story.state.nonce).toBe('');
  });

  it.each([
    ['offline', offline],
    ['idle', paused],
    ['fenced', fenced],
  ])('says nothing to the head when it is %s', (phase, begin) => {
    const story = begin();
    story
      .when({ on: 'stop' })
      .then({ do: 'hold-appends', held: false }, { do: 'consume-feed', wanted: false })
      .thenPhase(phase as 'idle');
  });

  function refusedOnce(): BranchStory {
    const story = new BranchStory({}, { last: point(3) });
    story.do({ on: 'link-up' });
    story.do(story.heard({ kind: 'refused', reason: 'lease-held', detail: '', cursor: null }));
    return story;
  }
});

describe('asking for a sync again and again', () => {
  it('while the head is greeted begins nothing anew', () => {
    const story = new BranchStory({ mode: 'manual' }, { last: point(3), acked: point(3) });
    story.do({ on: 'link-up' });
    story.when({ on: 'sync-now' }).then({ do: 'hold-appends' }, { do: 'read-greeting' });
    const { nonce } = story.state;
    story.when({ on: 'sync-now' }).thenNothing();
    expect(story.state.nonce).toBe(nonce);
  });

  it('between two greetings greets at once', () => {
    const story = streaming({ last: 3 });
    story.do({ on: 'failed', effect: 'locate', type: 'busy', detail: 'x', retry: true });
    expect(story.state).toMatchObject({ phase: { name: 'greeting' }, nonce: '' });
    story.when({ on: 'sync-now' }).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });
});
