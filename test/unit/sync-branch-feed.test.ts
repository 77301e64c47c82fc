import { LIMITS } from '../../domain/sync/limits.ts';
import type { FeedRun } from '../../domain/sync/messages.ts';
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

const applied = (position: number) => ({ on: 'feed-applied', cursor: cursorAt(position) }) as const;
const received = (message: FeedRun) => ({ on: 'message', message }) as const;

describe('a run of the feed', () => {
  it('that follows the cursor is applied, and moves it', () => {
    const story = streaming({ position: 10 });
    story
      .when(received(run(10, 11, 14)))
      .then({ do: 'apply-feed', from: cursorAt(10), to: cursorAt(14), events: fed(11, 14) });
    story.when(applied(14)).thenNothing();
    expect(story.state.feed).toMatchObject({ cursor: cursorAt(14), applying: false });
  });

  it('follows a cursor that is further than the subscription was', () => {
    streaming({ position: 12 })
      .when(received(run(8, 14)))
      .then({ do: 'apply-feed', to: cursorAt(14) });
  });

  it('that came before is skipped', () => {
    streaming({ position: 14 })
      .when(received(run(10, 11, 14)))
      .thenNothing();
  });

  it('that came in part is applied in part', () => {
    streaming({ position: 11 })
      .when(received(run(10, 11, 12, 14)))
      .then({ do: 'apply-feed', from: cursorAt(11), events: fed(12, 14) });
  });

  it.each([
    ['behind the cursor', run(10, 11)],
    ['at the cursor, where it has perhaps written anew', run(9, 10)],
    ['before it', run(8, 9)],
  ])('of somebody who has just begun to publish is held against the head first: %s', (_, first) => {
    const story = streaming({ position: 10 });
    story.when(received({ ...first, source: 'successor' })).then(sends('pull', { after: 10 }));
    story.whenHears(pulled(10, [11])).then({ do: 'apply-feed', from: cursorAt(10) });
    story.when(applied(11)).thenNothing();
    story.when(received({ ...run(11, 12), source: 'successor' })).then({ do: 'apply-feed' });
  });

  it('of somebody new has the place looked at once more when it comes during a pull', () => {
    const story = streaming({ position: 10 });
    story.whenHears(beacon(12)).then(sends('pull', { after: 10 }));
    story.when(received({ ...run(9, 10), source: 'successor' })).thenNothing();
    story.whenHears(pulled(10, [])).then(sends('pull', { after: 10 })); // the answer may be of before
    story.whenHears(pulled(10, [])).thenNothing();
  });

  it('that comes before the end of a greeting says nothing: the greeting may be of another process', () => {
    const story = streaming({ position: 10 });
    story.do({ on: 'link-down', reason: 'cut' });
    story.do({ on: 'link-up' });
    story.when(received({ ...run(10, 11), source: 'successor' })).thenNothing();
    story.greets();
    story.when(received({ ...run(10, 11), source: 'successor' })).then(sends('pull', { after: 10 }));
  });

  it('of another subscription or another life of the feed is not for this branch', () => {
    const story = streaming({ position: 10 });
    story.when(received({ ...run(10, 11), stream: 'east' })).thenNothing();
    story.when(received({ ...run(10, 11), stream: 'all' })).thenNothing();
    story.when(received({ ...run(10, 11), feedEpoch: 2 })).thenNothing();
    story.when(received(run(10))).thenNothing();
    expect(story.state.feed.end).toBe(10);
  });

  it('of what is shared is for every branch, and names the place before it in this scope', () => {
    const shared = (west: number, ...positions: number[]): FeedRun => ({
      ...run(0, ...positions),
      stream: 'shared',
      previous: { all: 90, shared: 5, scopes: { west, east: 80 } },
    });
    const story = streaming({ position: 10 });
    story.when(received(shared(10, 95))).then({ do: 'apply-feed', to: cursorAt(95) });
    story.do(applied(95));
    story.when(received(shared(96, 97))).then(sends('pull', { after: 95 }));
  });

  it('of everything is for a branch that sees everything', () => {
    const all = { ...run(0, 11), stream: 'all', previous: { all: 10, shared: 99, scopes: {} } };
    const story = streaming({ position: 10 }, { subscribe: 'all' });
    story.when(received({ ...run(10, 11), stream: 'shared' })).thenNothing();
    story.when(received(all)).then({ do: 'apply-feed', to: cursorAt(11) });
  });

  it('is followed as the head grants it, not as it was asked for', () => {
    const all = { ...run(0, 11), stream: 'all', previous: { all: 10, shared: 99, scopes: {} } };
    const story = streaming({ position: 10 });
    story.do({ on: 'link-down', reason: 'cut' });
    story.do({ on: 'link-up' });
    story.greets({ subscribe: 'all' });
    story
      .knowsSources()
      .when(received(all))
      .then({ do: 'apply-feed', to: cursorAt(11) });
  });

  it('that comes twice is applied once', () => {
    const story = streaming({ position: 10 });
    story.when(received(run(10, 11))).then({ do: 'apply-feed' });
    story.when(received(run(10, 11))).thenNothing();
  });

  it('waits for the one before it, and is pulled after it', () => {
    const story = streaming({ position: 10 });
    story.do(received(run(10, 11)));
    story.when(received(run(11, 12))).thenNothing();
    story.when(applied(11)).then(sends('pull', { after: 11 }));
  });
});

describe('a gap in the feed', () => {
  it('stops it: nothing is applied until the pull has met it', () => {
    const story = streaming({ position: 10 });
    story.when(received(run(12, 13))).then(sends('pull', { after: 10, feedEpoch: 1 }));
    story.when(received(run(13, 14))).thenNothing();
    story
      .whenHears(pulled(10, [11, 12, 13, 14]))
      .then({ do: 'apply-feed', from: cursorAt(10), to: cursorAt(14) });
    story.when(applied(14)).thenNothing();
    story.when(received(run(14, 15))).then({ do: 'apply-feed', to: cursorAt(15) });
  });

  it('is pulled page by page', () => {
    const story = streaming({ position: 10 });
    story.do(received(run(90, 91)));
    story.whenHears(pulled(10, [11, 12], false)).then({ do: 'apply-feed', to: cursorAt(12) });
    story.when(applied(12)).then(sends('pull', { after: 12 }));
    story.whenHears(pulled(12, [91])).then({ do: 'apply-feed', to: cursorAt(91) });
    story.when(applied(91)).thenNothing();
  });

  it('is pulled again when no answer comes', () => {
    const story = streaming({ position: 10 });
    story.do(received(run(12, 13)));
    story.whenTimePasses(LIMITS.answerMs - 1).thenNothing();
    story.whenTimePasses(1).then(sends('pull', { after: 10 }));
  });

  it('is pulled again ever more rarely, for a slow line', () => {
    const story = streaming({ position: 10 });
    story.do(received(run(12, 13)));
    const waitsMs: number[] = [];
    for (let pulls = 1; pulls <= 8; pulls++) {
      expect(story.state.feed.pulls).toBe(pulls);
      waitsMs.push(story.state.deadlineMs - story.ports.elapsedMs());
      story.ports.pass(waitsMs.at(-1)!);
      story.do(story.heard(ack(point(0), { probed: story.state.up.probe }))); // the head is there
      story.when({ on: 'tick' });
    }
    expect(waitsMs[0]).toBe(LIMITS.answerMs);
    expect(waitsMs.at(-1)).toBeGreaterThan(LIMITS.backoffMaxMs / 2 - 1);
  });

  it('that is pulled does not hide what was written since: a run that came meanwhile is pulled next', () => {
    const story = streaming({ position: 10 });
    story.do(received(run(11, 12)));
    story.when(received(run(12, 13))).thenNothing();
    story.whenHears(pulled(10, [11, 12])).then({ do: 'apply-feed', to: cursorAt(12) });
    story.when(applied(12)).then(sends('pull', { after: 12 }));
    story.whenHears(pulled(12, [13])).then({ do: 'apply-feed', to: cursorAt(13) });
    story.when(applied(13)).thenNothing();
  });

  it('may turn out to be none', () => {
    const story = streaming({ position: 10 });
    story.do(received(run(12, 13)));
    story.whenHears(pulled(10, [])).thenNothing();
    expect(story.state.feed).toMatchObject({ cursor: cursorAt(10), end: 10, pulling: false });
    expect(story.state.asked).toBeNull(); // nobody asked for a sync
  });

  it('moves the cursor over what is not of the subscription', () => {
    const story = streaming({ position: 10 });
    story.do(received(run(12, 13)));
    const answer = { ...pulled(10, [13]), upTo: { position: 40, hash: cursorAt(40).hash } };
    story.whenHears(answer).then({ do: 'apply-feed', to: cursorAt(40), events: fed(13) });
  });

  it('is not filled by an answer to another pull', () => {
    const story = streaming({ position: 10 });
    story.whenHears(pulled(10, [11])).thenNothing(); // nobody asked
    story.do(received(run(12, 13)));
    story.whenHears(pulled(8, [9, 10, 11])).thenNothing();
    story.whenHears({ ...pulled(10, [11]), feedEpoch: 2 }).thenNothing();
    expect(story.state.feed).toMatchObject({ cursor: cursorAt(10), pulling: true, applying: false });
  });
});

describe('a beacon', () => {
  it('shows a lost last message', () => {
    const story = streaming({ position: 10 });
    story.whenHears(beacon(12)).then(sends('pull', { after: 10 }));
    story.whenHears(beacon(12)).thenNothing();
  });

  it('says nothing new to a branch that has everything', () => {
    streaming({ position: 10 }).whenHears(beacon(10)).thenNothing();
  });

  it('of another process has the place of the cursor looked at, once', () => {
    const story = streaming({ position: 10 });
    story.whenHears(beacon(10, { source: 'successor' })).then(sends('pull', { after: 10 }));
    story.whenHears(pulled(10, [])).thenNothing();
    story.whenHears(beacon(10, { source: 'successor' })).thenNothing();
  });

  it('brings the safe place', () => {
    const story = streaming({ position: 10 });
    story.do(story.heard(beacon(10, { safeSeq: 7 })));
    expect(story.state.safeSeq).toBe(7);
  });

  it.each([
    ['in another life of the feed', { feedEpoch: 2 }],
    ['with a log that ends before what was applied', { position: 9 }],
  ])('of a head that was restored makes the branch greet: %s', (_, changes) => {
    const story = streaming({ position: 10 });
    story.whenHears(beacon(10, changes)).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });
});

describe('applying that fails', () => {
  const failed = {
    on: 'failed',
    effect: 'apply-feed',
    type: 'database-unavailable',
    detail: 'x',
    retry: true,
  } as const;

  it('makes the branch greet again: only the database knows how far it got', () => {
    const story = streaming({ position: 10 });
    story.do(received(run(10, 11)));
    story.when(failed).then({ do: 'hold-appends', held: false }).thenPhase('greeting');
    story.whenTimePasses(LIMITS.backoffMs).then({ do: 'hold-appends' }, { do: 'read-greeting' });
    story.stands({ feed: cursorAt(11) });
    story.greets();
    story
      .knowsSources()
      .when(received(run(11, 12)))
      .then({ do: 'apply-feed', from: cursorAt(11) });
  });

  it('leaves sending as it is', () => {
    const story = streaming({ last: 3, position: 10 });
    story.do(received(run(10, 11)));
    story.do(failed);
    story.when({ on: 'appended', last: point(4) }).thenNothing(); // not before the greeting
    expect(story.state.problem).toMatchObject({ type: 'database-unavailable' });
  });
});

describe('what was being applied when the link went', () => {
  it('counts, when it is done', () => {
    const story = new BranchStory({}, { feed: cursorAt(10) });
    story.greets();
    story.do(received(run(10, 11)));
    story.do({ on: 'link-down', reason: 'x' });
    story.when(applied(11)).thenNothing().thenPhase('offline');
    expect(story.state.feed.cursor).toEqual(cursorAt(11));
  });
});
