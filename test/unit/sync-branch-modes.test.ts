import { isDrained } from '../../domain/sync/branch.ts';
import {
  ack,
  beacon,
  BranchStory,
  cursorAt,
  fed,
  hashOf,
  point,
  pulled,
  run,
  sends,
  streaming,
} from './sync-branch-story.ts';

const leaving = [sends('bye'), { do: 'hold-appends', held: false }, { do: 'consume-feed', wanted: false }];

const manual = (last = 3): BranchStory =>
  new BranchStory({ mode: 'manual' }, { last: point(last), acked: point(3), feed: cursorAt(10) });

describe('pausing', () => {
  it('ends the session in good order', () => {
    streaming({ last: 3 })
      .when({ on: 'pause' })
      .then({ do: 'save-paused', paused: true }, ...leaving)
      .thenPhase('idle');
  });

  it('lasts over a link that comes and goes', () => {
    const story = streaming({ last: 3 });
    story.do({ on: 'pause' });
    story.do({ on: 'link-down', reason: 'x' });
    expect(story.state.problem).toBeNull();
    story.when({ on: 'link-up' }).thenNothing().thenPhase('idle');
    story.when({ on: 'appended', last: point(4) }).thenNothing();
    story.when({ on: 'sync-now' }).thenNothing().thenPhase('idle');
  });

  it('ends with resuming, which greets', () => {
    const story = new BranchStory({ paused: true }, { last: point(3), acked: point(3) });
    story.when({ on: 'link-up' }).thenNothing().thenPhase('idle');
    story
      .when({ on: 'resume' })
      .then({ do: 'hold-appends' }, { do: 'read-greeting' }, { do: 'save-paused', paused: false });
  });

  it('needs no link', () => {
    const story = new BranchStory();
    story
      .when({ on: 'pause' })
      .then({ do: 'save-paused', paused: true }, { do: 'hold-appends' }, { do: 'consume-feed' })
      .thenPhase('offline');
    story.when({ on: 'resume' }).then({ do: 'save-paused', paused: false }).thenPhase('offline');
  });

  it('lets a sale wait no longer for events that were to come back', () => {
    const story = new BranchStory({}, { last: point(4), acked: point(2) });
    story.greets({ cursor: point(7), hashAtYourLast: hashOf(4) }, null);
    expect(story.phase).toBe('aligning');
    story.when({ on: 'pause' }).then({ do: 'save-paused' }, ...leaving);
  });
});

describe('stopping', () => {
  it('says good bye, which ends the lease', () => {
    streaming({ last: 3 })
      .when({ on: 'stop' })
      .then(...leaving);
  });

  it('without a session says nothing to the head', () => {
    new BranchStory().when({ on: 'stop' }).then({ do: 'hold-appends' }, { do: 'consume-feed' });
  });
});

describe('manual mode', () => {
  it('stays idle until it is asked', () => {
    const story = manual();
    story.when({ on: 'link-up' }).thenNothing().thenPhase('idle');
    story.when({ on: 'appended', last: point(4) }).thenNothing();
    story.whenTimePasses(600_000).thenNothing();
  });

  it('leaves when both ways are drained, and says so', () => {
    const story = manual(4);
    story.do({ on: 'link-up' });
    story.when({ on: 'sync-now' }).then({ do: 'hold-appends' }, { do: 'read-greeting' });
    story.greets({ feedEnd: 12 });
    story.when(story.reads(3, 4)).then(sends('batch'));
    story
      .whenHears(ack(point(4)))
      .then({ do: 'save-acked' })
      .thenPhase('streaming');
    story.whenHears(pulled(10, [12])).then({ do: 'apply-feed', events: fed(12) });
    story
      .when({ on: 'feed-applied', cursor: cursorAt(12) })
      .then(...leaving, { do: 'drained' })
      .thenPhase('idle');
  });

  it('leaves at once when there is nothing to do', () => {
    const story = manual(3);
    story.do({ on: 'link-up' });
    story.do({ on: 'sync-now' });
    expect(story.greets().at(-1)).toEqual({ do: 'drained' });
    expect(story.phase).toBe('idle');
  });

  it('remembers over a lost link that it was asked', () => {
    const story = manual(4);
    story.when({ on: 'sync-now' }).thenNothing().thenPhase('offline');
    story.when({ on: 'link-up' }).then({ do: 'hold-appends' }, { do: 'read-greeting' });
    story.do({ on: 'link-down', reason: 'x' });
    expect(story.state.problem).toMatchObject({ type: 'link-unavailable' });
    story.when({ on: 'link-up' }).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });

  it('asked again meanwhile, goes on', () => {
    const story = manual(4);
    story.do({ on: 'link-up' });
    story.do({ on: 'sync-now' });
    story.when({ on: 'sync-now' }).thenNothing().thenPhase('greeting');
    story.greets();
    expect(story.phase).toBe('streaming');
  });

  it('asked again after it was drained, syncs again', () => {
    const story = manual(3);
    story.do({ on: 'sync-now' });
    story.greets();
    story.when({ on: 'sync-now' }).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });
});

describe('a sync on demand while all is well', () => {
  it('asks both ways at once, and is not over before the head has answered', () => {
    const story = streaming({ last: 3, position: 10 });
    story.when({ on: 'sync-now' }).then(sends('pull', { after: 10 }), sends('probe', { upTo: 3 }));
    story.whenHears(ack(point(3), { probed: 1 })).thenNothing();
    story.whenHears(pulled(10, [11])).then({ do: 'apply-feed', to: cursorAt(11) });
    story
      .when({ on: 'feed-applied', cursor: cursorAt(11) })
      .then({ do: 'drained' })
      .thenPhase('streaming');
  });

  it('is over when the head has nothing new', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do({ on: 'sync-now' });
    story.whenHears(pulled(10, [])).then({ do: 'drained' });
  });

  it('asks after what is being applied', () => {
    const story = streaming({ position: 10 });
    story.do({ on: 'message', message: run(10, 11) });
    story.when({ on: 'sync-now' }).then(sends('probe'));
    story.when({ on: 'feed-applied', cursor: cursorAt(11) }).then(sends('pull', { after: 11 }));
    story.whenHears(pulled(11, [])).then({ do: 'drained' });
  });

  it('waits for what is not acknowledged yet', () => {
    const story = streaming({ last: 3 });
    story.do({ on: 'appended', last: point(4) });
    story.do({ on: 'sync-now' });
    story.whenHears(pulled(0, [])).thenNothing();
    story.do(story.reads(3, 4));
    story.whenHears(ack(point(4))).then({ do: 'save-acked' }, { do: 'drained' });
  });
});

describe('a sync on demand ends', () => {
  it('with what was there when it was asked for, however much is sold meanwhile', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do({ on: 'appended', last: point(4) });
    story.do({ on: 'sync-now' });
    story.whenHears(pulled(10, [])).thenNothing();
    story.do(story.reads(3, 4));
    story.do({ on: 'appended', last: point(5) });
    story.whenHears(ack(point(4))).then({ do: 'save-acked' }, { do: 'drained' });
    expect(story.state).toMatchObject({ phase: { name: 'streaming' }, last: { seq: 5 } });
  });

  it('with what the head had when it answered, however much it writes meanwhile', () => {
    const story = streaming({ position: 10 });
    story.do({ on: 'sync-now' });
    story.do(story.heard(pulled(10, [11])));
    story.when({ on: 'message', message: run(11, 12) }).thenNothing();
    story
      .when({ on: 'feed-applied', cursor: cursorAt(11) })
      .then(sends('pull', { after: 11 }), { do: 'drained' });
  });

  it('with an answer, not with a beacon that may have been on its way already', () => {
    const story = streaming({ position: 10 });
    story.do({ on: 'sync-now' });
    story.whenHears(beacon(10)).thenNothing();
    story.whenHears(pulled(10, [])).then({ do: 'drained' });
  });

  it('in manual mode with what was there when the head was greeted', () => {
    const story = manual(4);
    story.do({ on: 'link-up' });
    story.do({ on: 'sync-now' });
    story.do({ on: 'appended', last: point(5) });
    story.greets({ feedEnd: 10 });
    story.do(story.reads(3, 4));
    story.do({ on: 'appended', last: point(6) });
    story.whenHears(ack(point(4))).then({ do: 'save-acked' });
    story.do(story.reads(4, 5));
    story.whenHears(ack(point(5))).then({ do: 'save-acked' }, ...leaving, { do: 'drained' });
  });
});

describe('a branch is drained', () => {
  const asked = { upTo: 3, feedTo: 5 };

  it('when it streams, what was asked for is acknowledged and the feed has come that far', () => {
    expect(isDrained(streaming({ last: 3, position: 5 }).state, asked)).toBe(true);
  });

  it.each([
    ['it is not connected', new BranchStory(), { upTo: 0, feedTo: 0 }],
    ['something is not acknowledged', streaming({ last: 3, position: 5 }), { upTo: 4, feedTo: 5 }],
    ['the feed has not come that far', streaming({ last: 3, position: 5 }), { upTo: 3, feedTo: 6 }],
  ])('not while %s', (_, story, wanted) => {
    expect(isDrained(story.state, wanted)).toBe(false);
  });
});

describe('a head that has started anew', () => {
  it('is greeted again when it asks for it', () => {
    streaming({ last: 3 })
      .whenHears({ kind: 'greet-again' })
      .then({ do: 'hold-appends' }, { do: 'read-greeting' })
      .thenPhase('greeting');
  });

  it('is greeted once, however often it asks', () => {
    const story = streaming({ last: 3 });
    const again = story.heard({ kind: 'greet-again' });
    story.do(again);
    story.when(again).thenNothing();
    story.whenHears({ kind: 'greet-again' }).thenNothing().thenPhase('greeting');
  });
});

describe('the tail of a fenced copy', () => {
  const adopt = {
    kind: 'adopt' as const,
    from: 'i2/n2',
    epoch: 2,
    common: point(2),
    events: [new Uint8Array(1)],
  };

  it('is written again by the live copy, which says so and sends it', () => {
    const story = streaming({ last: 4 });
    story.whenHears(adopt).then({ do: 'adopt', message: { ...adopt, nonce: story.state.nonce } });
    story.do({ on: 'appended', last: point(6, 0, 2) });
    story
      .when({ on: 'adopted', from: 'i2/n2', last: point(6, 0, 2) })
      .then(sends('adopted', { from: 'i2/n2' }));
    expect(story.state.last).toEqual(point(6, 0, 2));
  });

  it('is not forgotten when it is the first that this machine hears of it', () => {
    const story = streaming({ last: 4 });
    story.do(story.heard(adopt));
    story
      .when({ on: 'adopted', from: 'i2/n2', last: point(6, 0, 2) })
      .then({ do: 'read-own', after: 4 }, sends('adopted'));
  });

  it('does not set the log back when a sale came after it', () => {
    const story = streaming({ last: 4 });
    story.do(story.heard(adopt));
    story.do({ on: 'appended', last: point(7, 0, 2) });
    story.do(story.reads(4, 7));
    story.when({ on: 'adopted', from: 'i2/n2', last: point(6, 0, 2) }).then(sends('adopted'));
    expect(story.state.last).toEqual(point(7, 0, 2));
  });

  it('that cannot be written makes the branch greet again', () => {
    const story = streaming({ last: 4 });
    story.do(story.heard(adopt));
    const failed = { on: 'failed', effect: 'adopt', type: 'log-moved', detail: '', retry: false } as const;
    story.when(failed).then({ do: 'hold-appends' }).thenPhase('greeting');
  });
});

describe('the hours of an office', () => {
  it('end a session, and begin the next', () => {
    const story = streaming({ last: 3 });
    story
      .when({ on: 'window', isOpen: false })
      .then(...leaving)
      .thenPhase('idle');
    story.when({ on: 'window', isOpen: false }).thenNothing();
    story.when({ on: 'window', isOpen: true }).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });

  it('do not stand in the way of a sync on demand', () => {
    const story = streaming({ last: 3 });
    story.do({ on: 'window', isOpen: false });
    story.when({ on: 'sync-now' }).then({ do: 'hold-appends' }, { do: 'read-greeting' });
    story.when({ on: 'window', isOpen: true }).thenNothing().thenPhase('greeting');
  });
});

describe('an effect that failed', () => {
  it.each(['save-acked', 'consume-feed', 'hold-appends'] as const)(
    'costs nothing but a word: %s',
    (effect) => {
      const story = streaming({ last: 3 });
      story
        .when({ on: 'failed', effect, type: 'busy', detail: 'x', retry: true })
        .thenNothing()
        .thenPhase('streaming');
      expect(story.state.problem).toEqual({ type: 'busy', detail: 'x' });
      story.do(story.heard(ack(point(3), { probed: 1 })));
      expect(story.state.problem).toBeNull();
    },
  );

  it.each(['locate', 'move-feed', 'match-own', 'refork', 'return-head'] as const)(
    'begins anew: %s',
    (effect) => {
      const story = streaming({ last: 3 });
      story
        .when({ on: 'failed', effect, type: 'busy', detail: 'x', retry: true })
        .then({ do: 'hold-appends' });
      expect(story.phase).toBe('greeting');
    },
  );
});
