import { LIMITS } from '../../domain/sync/limits.ts';
import type { RefusalReason } from '../../domain/sync/messages.ts';
import { BranchStory, cursorAt, hashOf, point, sends, streaming } from './sync-branch-story.ts';
import { NOTHING_SAID } from '../../domain/sync/messages.ts';

describe('a greeting', () => {
  it('begins when the link is up, with what the database says', () => {
    const position = {
      session: 4,
      last: point(9),
      acked: point(7),
      feed: cursorAt(33),
      headTips: [{ epoch: 1, seq: 5, hash: hashOf(5) }],
      datasets: NOTHING_SAID,
    };
    const story = new BranchStory({ subscribe: 'all' }, position);
    story.when({ on: 'link-up' }).then({ do: 'hold-appends', held: false }, { do: 'read-greeting' });
    const hello = {
      office: 'west',
      instance: 'i1',
      subscribe: 'all',
      versions: { wire: 1, program: '0.1.0' },
    };
    story
      .when({ on: 'greeting-read', nonce: story.state.nonce, position })
      .then(sends('hello', { ...position, ...hello, nonce: story.state.nonce }));
  });

  it('takes the log for as long as the database has it, though nobody told of it', () => {
    const story = new BranchStory({}, { last: point(3), acked: point(3) });
    story.stands({ last: point(5) });
    story.greets();
    expect(story.state.last).toEqual(point(5));
  });

  it('asks for nothing twice: one nonce, one answer', () => {
    const story = streaming();
    story.whenHears(story.welcome()).thenNothing().thenPhase('streaming');
  });

  it('begins again with a new nonce when no answer comes, each time after a longer wait', () => {
    const story = new BranchStory();
    story.do({ on: 'link-up' });
    const waits: number[] = [];
    const nonces = new Set([story.state.nonce]);
    for (let attempt = 0; attempt < 9; attempt++) {
      waits.push(story.state.deadlineMs - story.ports.elapsedMs());
      story.whenTimePasses(waits.at(-1)! - 1).thenNothing();
      story.whenTimePasses(1).then({ do: 'hold-appends', held: false }, { do: 'read-greeting' });
      nonces.add(story.state.nonce);
    }
    expect(nonces.size).toBe(10);
    expect(waits).toEqual([5_000, 5_000, 5_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('saves the session and whose head it is before it goes on', () => {
    const story = new BranchStory({}, { last: point(5), acked: point(5), session: 8 });
    story.do({ on: 'link-up' });
    story.do({
      on: 'greeting-read',
      nonce: story.state.nonce,
      position: {
        session: 8,
        last: point(5),
        acked: point(5),
        feed: cursorAt(0),
        headTips: [],
        datasets: NOTHING_SAID,
      },
    });
    story
      .whenHears(story.welcome({ session: 9, cursor: point(3) }))
      .then({ do: 'locate', head: 'head', session: 9, seq: 3, nonce: story.state.nonce });
  });

  it('is repeated when the database cannot be read', () => {
    const story = new BranchStory();
    story.do({ on: 'link-up' });
    const failed = {
      on: 'failed',
      effect: 'read-greeting',
      type: 'database-unavailable',
      detail: 'gone',
      retry: true,
    } as const;
    story.when(failed).thenPhase('greeting');
    expect(story.state.problem).toEqual({ type: 'database-unavailable', detail: 'gone' });
    story.whenTimePasses(LIMITS.backoffMaxMs).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });
});

describe('the normal outcome', () => {
  it('streams from where the head stands', () => {
    const story = new BranchStory({}, { last: point(9), acked: point(7) });
    const effects = story.greets({ cursor: point(7), safeSeq: 3 });
    expect(effects).toMatchObject([
      { do: 'save-acked', acked: point(7), safeSeq: 3 },
      { do: 'hold-appends', held: false },
      { do: 'consume-feed', wanted: true },
      { do: 'read-own', after: 7 },
    ]);
    expect(story.phase).toBe('streaming');
  });

  it('pulls at once what the feed holds beyond the cursor', () => {
    const story = new BranchStory({}, { feed: cursorAt(12) });
    expect(story.greets({ feedEnd: 20 })).toContainEqual(
      expect.objectContaining({
        message: expect.objectContaining({ kind: 'pull', after: 12, feedEpoch: 1 }),
      }),
    );
  });

  it('is the same after the broker lost everything: what the head lacks is sent again', () => {
    const story = streaming({ last: 4 });
    story.do({ on: 'appended', last: point(6) });
    story.when(story.reads(4, 6)).then(sends('batch', { firstSeq: 5 }));
    story.do({ on: 'link-down', reason: 'broker gone' });
    expect(story.state.problem).toEqual({ type: 'link-unavailable', detail: 'broker gone' });
    story.stands({ last: point(6), acked: point(4) });
    expect(story.greets()).toContainEqual(expect.objectContaining({ do: 'read-own', after: 4 }));
    story.when(story.reads(4, 6)).then(sends('batch', { firstSeq: 5 }));
  });

  it('trusts what the head confirmed beyond what this branch remembers', () => {
    const story = new BranchStory({}, { last: point(9), acked: point(2) });
    expect(story.greets({ cursor: point(8) })).toContainEqual(
      expect.objectContaining({ do: 'read-own', after: 8 }),
    );
    expect(story.state.acked).toEqual(point(8));
  });
});

describe('a refusal', () => {
  const reasons: RefusalReason[] = [
    'unknown-office',
    'retired-office',
    'program-too-old',
    'program-too-new',
    'batch-refused',
  ];

  it.each(reasons)('for %s is shown and tried again after a while', (reason) => {
    const story = new BranchStory();
    story.do({ on: 'link-up' });
    story
      .whenHears({ kind: 'refused', reason, detail: 'do something', cursor: null })
      .then({ do: 'hold-appends', held: false }, { do: 'consume-feed', wanted: false })
      .thenPhase('refused');
    expect(story.state.problem).toEqual({ type: reason, detail: 'do something' });
    story.whenTimePasses(LIMITS.refusedRetryMs - 1).thenNothing();
    story.whenTimePasses(1).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });

  it('of a batch stops this link', () => {
    const story = streaming({ last: 3 });
    story.do(story.heard({ kind: 'refused', reason: 'batch-refused', detail: 'x', cursor: null }));
    story
      .when({ on: 'appended', last: point(4) })
      .thenNothing()
      .thenPhase('refused');
  });
});
