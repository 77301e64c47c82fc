import { ack, BranchStory, cursorAt, hashOf, point, sends, streaming } from './sync-branch-story.ts';
import { NOTHING_SAID } from '../../domain/sync/messages.ts';

const leaving = [sends('bye'), { do: 'hold-appends', held: false }, { do: 'consume-feed', wanted: false }];

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

describe('a head that asks whether this process lives', () => {
  const POSITION = {
    session: 1,
    last: point(3),
    acked: point(3),
    feed: cursorAt(0),
    headTips: [],
    datasets: NOTHING_SAID,
  };
  const helloAfter = (story: BranchStory) =>
    story.do({ on: 'greeting-read', nonce: story.state.nonce, position: POSITION }).at(-1);

  it('hears its token in the next greeting, and in those that are tried after it', () => {
    const story = streaming({ last: 3 });
    story.do(story.heard({ kind: 'greet-again', token: 't1' }));
    expect(helloAfter(story)).toMatchObject({ message: { kind: 'hello', answers: 't1' } });
    story.do({ on: 'link-down', reason: 'x' });
    story.do({ on: 'link-up' });
    story.do(story.heard({ kind: 'greet-again' })); // for another reason
    expect(helloAfter(story)).toMatchObject({ message: { kind: 'hello', answers: 't1' } });
  });

  it('hears no token where none was given', () => {
    const story = streaming({ last: 3 });
    story.do(story.heard({ kind: 'greet-again' }));
    expect(helloAfter(story)).toMatchObject({ message: { kind: 'hello', answers: '' } });
  });

  it('while it is greeted hears its token in the greeting that is not written yet', () => {
    const story = streaming({ last: 3 });
    story.do(story.heard({ kind: 'greet-again' }));
    story.whenHears({ kind: 'greet-again', token: 't2' }).thenNothing().thenPhase('greeting');
    expect(helloAfter(story)).toMatchObject({ message: { kind: 'hello', answers: 't2' } });
  });

  it('and does not know the session cannot make a branch sync that is paused', () => {
    const story = streaming({ last: 3 });
    story.do({ on: 'pause' });
    story.whenHears({ kind: 'greet-again', nonce: '', token: 't3' }).thenNothing().thenPhase('idle');
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
