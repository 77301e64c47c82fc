// A sync that somebody asks for, also where nothing syncs by itself.
import { isDrained } from '../../domain/sync/branch.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import {
  ack,
  beacon,
  BranchStory,
  cursorAt,
  fed,
  point,
  pulled,
  run,
  sends,
  streaming,
} from './sync-branch-story.ts';

const leaving = [sends('bye'), { do: 'hold-appends', held: false }, { do: 'consume-feed', wanted: false }];

const manual = (last = 3): BranchStory =>
  new BranchStory({ mode: 'manual' }, { last: point(last), acked: point(3), feed: cursorAt(10) });

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
    story.when(story.answered(point(3))).thenNothing();
    story.whenHears(pulled(10, [11])).then({ do: 'apply-feed', to: cursorAt(11) });
    story
      .when({ on: 'feed-applied', cursor: cursorAt(11) })
      .then({ do: 'drained' })
      .thenPhase('streaming');
  });

  it('is over when the head has nothing new', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do({ on: 'sync-now' });
    story.do(story.answered(point(3)));
    story.whenHears(pulled(10, [])).then({ do: 'drained' });
  });

  it('is over when the head has said what it reports, too', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do({ on: 'sync-now' });
    story.whenHears(pulled(10, [])).thenNothing();
    story.whenHears(ack(point(3))).thenNothing(); // on its way since before
    const quarantined = { count: 1, items: [] };
    story
      .whenHears(ack(point(3), { probed: 2, quarantined }))
      .then({ do: 'save-quarantined', report: quarantined }, { do: 'drained' });
  });

  it('asks again soon when what it asked is lost', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do({ on: 'sync-now' });
    story.do(story.heard(pulled(10, [])));
    story.whenTimePasses(LIMITS.probeMs).then(sends('probe', { number: 3 }));
    story.when(story.answered(point(3))).then({ do: 'drained' });
  });

  it('is over with the first answer, however often it is asked for', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do({ on: 'sync-now' });
    story.do({ on: 'sync-now' });
    story.do(story.heard(pulled(10, [])));
    story.whenHears(ack(point(3), { probed: 2 })).then({ do: 'drained' });
  });

  it('asks once more when a pull is under way: its answer may be older than the wish', () => {
    const story = streaming({ last: 3, position: 10 });
    story.whenHears(beacon(12)).then(sends('pull', { after: 10 }));
    story.when({ on: 'sync-now' }).then(sends('probe', { upTo: 3 }));
    story.do({ on: 'sync-now' }); // again, which puts off nothing
    story.do(story.heard(ack(point(3), { probed: 2 })));
    story.whenHears(pulled(10, [12])).then({ do: 'apply-feed' });
    story.when({ on: 'feed-applied', cursor: cursorAt(12) }).then(sends('pull', { after: 12 }));
    story.whenHears(pulled(12, [13])).then({ do: 'apply-feed' });
    story.when({ on: 'feed-applied', cursor: cursorAt(13) }).then({ do: 'drained' });
  });

  it('asks once more when the pull under way brings nothing', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do(story.heard(beacon(12)));
    story.do({ on: 'sync-now' });
    story.do(story.answered(point(3)));
    story.whenHears(pulled(10, [])).then(sends('pull', { after: 10 }));
    story.whenHears(pulled(10, [])).then({ do: 'drained' });
  });

  it('asks after what is being applied', () => {
    const story = streaming({ position: 10 });
    story.do({ on: 'message', message: run(10, 11) });
    story.when({ on: 'sync-now' }).then(sends('probe'));
    story.do(story.answered(point(0)));
    story.when({ on: 'feed-applied', cursor: cursorAt(11) }).then(sends('pull', { after: 11 }));
    story.whenHears(pulled(11, [])).then({ do: 'drained' });
  });

  it('waits for what is not acknowledged yet', () => {
    const story = streaming({ last: 3 });
    story.do({ on: 'appended', last: point(4) });
    story.do({ on: 'sync-now' });
    story.do(story.answered(point(3)));
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
    story.do(story.answered(point(3)));
    story.whenHears(pulled(10, [])).thenNothing();
    story.do(story.reads(3, 4));
    story.do({ on: 'appended', last: point(5) });
    story.whenHears(ack(point(4))).then({ do: 'save-acked' }, { do: 'drained' });
    expect(story.state).toMatchObject({ phase: { name: 'streaming' }, last: { seq: 5 } });
  });

  it('with what the head had when it answered, however much it writes meanwhile', () => {
    const story = streaming({ position: 10 });
    story.do({ on: 'sync-now' });
    story.do(story.answered(point(0)));
    story.do(story.heard(pulled(10, [11])));
    story.when({ on: 'message', message: run(11, 12) }).thenNothing();
    story
      .when({ on: 'feed-applied', cursor: cursorAt(11) })
      .then(sends('pull', { after: 11 }), { do: 'drained' });
  });

  it('with an answer, not with a beacon that may have been on its way already', () => {
    const story = streaming({ position: 10 });
    story.do({ on: 'sync-now' });
    story.do(story.answered(point(0)));
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
  const asked = { upTo: 3, feedTo: 5, probe: 0 };

  it('when it streams, what was asked for is acknowledged and the feed has come that far', () => {
    expect(isDrained(streaming({ last: 3, position: 5 }).state, asked)).toBe(true);
  });

  it.each([
    ['it is not connected', new BranchStory(), { upTo: 0, feedTo: 0, probe: 0 }],
    ['something is not acknowledged', streaming({ last: 3, position: 5 }), { upTo: 4, feedTo: 5, probe: 0 }],
    ['the feed has not come that far', streaming({ last: 3, position: 5 }), { upTo: 3, feedTo: 6, probe: 0 }],
    ['the head has not answered', streaming({ last: 3, position: 5 }), { upTo: 3, feedTo: 5, probe: 1 }],
  ])('not while %s', (_, story, wanted) => {
    expect(isDrained(story.state, wanted)).toBe(false);
  });
});
