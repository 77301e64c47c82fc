import { START_OF_CHAIN } from '../../domain/chain.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { BranchStory, hashOf, point, sends } from './sync-branch-story.ts';
import { behind, forked, logged, matchedAt, own } from './sync-branch-align-story.ts';

describe('a branch that was restored and is behind', () => {
  it('gets its own events back before it appends another one', () => {
    const story = new BranchStory({}, { last: point(4), acked: point(2) });
    const effects = story.greets({ cursor: point(7, 7), hashAtYourLast: hashOf(4) }, null);
    expect(effects).toMatchObject([sends('fetch', { after: 4 }), { do: 'hold-appends', held: true }]);
    story.whenHears(own(4, 7)).then({ do: 'match-own', tail: [] });
    story
      .when(matchedAt(story, 4, logged(5, 6, 7), 7))
      .then({ do: 'restore-own', common: point(4), events: logged(5, 6, 7) });
    story
      .when({ on: 'own-restored', last: point(7, 7) })
      .then({ do: 'save-acked' }, { do: 'hold-appends', held: false }, { do: 'consume-feed', wanted: true })
      .thenPhase('streaming');
  });

  it('fetches on until it has them all', () => {
    const story = behind({ head: 9 });
    story.whenHears(own(4, 6, 9)).then({ do: 'match-own' });
    story.when(matchedAt(story, 4, logged(5, 6), 9)).then({ do: 'restore-own' });
    story
      .when({ on: 'own-restored', last: point(6, 7) })
      .then(sends('fetch', { after: 6 }))
      .thenPhase('aligning');
    story.whenHears({ ...own(6, 9), before: hashOf(6, 7) }).then({ do: 'match-own', tail: [] });
    story
      .when({ ...matchedAt(story, 6, logged(7, 8, 9), 9), common: point(6, 7) })
      .then({ do: 'restore-own' });
    story.when({ on: 'own-restored', last: point(9, 7) }).thenPhase('streaming');
  });

  it('sends what was sold as soon as they were back', () => {
    const story = behind();
    story.do(story.heard(own(4, 7)));
    story.do(matchedAt(story, 4, logged(5, 6, 7), 7));
    story.do({ on: 'appended', last: point(8) });
    story.when({ on: 'own-restored', last: point(7, 7) }).then(
      { do: 'save-acked', acked: point(7, 7) },
      { do: 'hold-appends' },
      { do: 'consume-feed' },
      {
        do: 'read-own',
        after: 7,
      },
    );
  });

  it('ignores an answer that was asked for twice', () => {
    behind().whenHears(own(2, 7)).thenNothing();
  });

  it('greets again when an answer does not come', () => {
    behind()
      .whenTimePasses(2 * LIMITS.answerMs)
      .then({ do: 'hold-appends', held: false }, { do: 'read-greeting' });
  });

  it('greets again when its log grew under the restore', () => {
    const story = behind();
    story.do(story.heard(own(4, 7)));
    story.do(matchedAt(story, 4, logged(5, 6, 7), 7));
    const failed = {
      on: 'failed',
      effect: 'restore-own',
      type: 'log-moved',
      detail: '',
      retry: false,
    } as const;
    story.when(failed).then({ do: 'hold-appends', held: false }).thenPhase('greeting');
  });
});

describe('a branch that waits for an answer of the head', () => {
  it('is as patient after each page as after the first', () => {
    const story = behind({ last: 4, head: 9 });
    story.ports.pass(2 * LIMITS.answerMs - 1);
    story.do(story.heard(own(4, 6, 9)));
    story.do(matchedAt(story, 4, logged(5, 6), 9)); // asks for more, or takes what came
    story
      .whenTimePasses(2 * LIMITS.answerMs - 1)
      .thenNothing()
      .thenPhase('aligning');
    story.whenTimePasses(1).then({ do: 'hold-appends' }, { do: 'read-greeting' }).thenPhase('greeting');
  });

  it('is the more patient the oftener none came', () => {
    const story = behind();
    for (let tries = 0; tries < 8; tries++) {
      story.ports.pass(2 * LIMITS.backoffMaxMs);
      story.do({ on: 'tick' });
    }
    story.greets({ cursor: point(7, 7), hashAtYourLast: hashOf(4) }, null);
    expect(story.phase).toBe('aligning');
    story
      .whenTimePasses(LIMITS.backoffMaxMs / 2 - 1)
      .thenNothing()
      .thenPhase('aligning');
  });
});

describe('a fork', () => {
  it('is repaired: the accepted tail is fetched, an epoch asked for, the log mended, and the head greeted anew', () => {
    const story = forked();
    expect(story.state.phase).toMatchObject({ name: 'aligning', common: point(3) });
    story.whenHears(own(3, 5)).then({ do: 'match-own', tail: [] });
    story
      .when(matchedAt(story, 3, logged(4, 5), 5))
      .then(sends('fork', { common: point(3) }))
      .thenPhase('forking');
    story
      .whenHears({ kind: 'grant', epoch: 2 })
      .then({ do: 'refork', common: point(3), tail: logged(4, 5), end: point(5, 7), epoch: 2 });
    story
      .when({ on: 'reforked', last: point(8, 7, 2) })
      .then({ do: 'hold-appends', held: false }, { do: 'read-greeting' })
      .thenPhase('greeting');
  });

  it('does not hold sales back', () => {
    const story = new BranchStory({}, { last: point(6), acked: point(3) });
    const effects = story.greets({ cursor: point(5, 7), hashAtYourLast: null }, hashOf(5));
    expect(effects).toMatchObject([sends('fetch', { after: 3 }), { do: 'hold-appends', held: false }]);
  });

  it('collects a long tail before it is declared', () => {
    const story = forked();
    story.do(story.heard(own(3, 4, 5)));
    story.when(matchedAt(story, 3, logged(4), 5)).then(sends('fetch', { after: 4 }));
    story.whenHears({ ...own(4, 5), before: hashOf(4, 7) }).then({ do: 'match-own', tail: logged(4) });
    story
      .when({ ...matchedAt(story, 4, logged(5), 5), common: point(4, 7) })
      .then(sends('fork', { common: point(3) }));
    expect(story.state.phase).toMatchObject({ tail: logged(4, 5) });
  });

  it('is looked for from the very beginning when even what was acknowledged differs', () => {
    const story = forked();
    story.do(story.heard(own(3, 5)));
    story.when({ ...matchedAt(story, 0, [], 5), common: START_OF_CHAIN }).then(sends('fetch', { after: 0 }), {
      do: 'hold-appends',
    });
    expect(story.state.phase).toMatchObject({ name: 'aligning', common: START_OF_CHAIN });
  });

  it('is found in an acknowledged part that the head has lost and written anew', () => {
    const story = new BranchStory({}, { last: point(6), acked: point(6) });
    const effects = story.greets({ cursor: point(5, 7) }, hashOf(5));
    expect(effects).toMatchObject([sends('fetch', { after: 0 }), { do: 'hold-appends' }]);
  });

  it('is found when the log grew between greeting and welcome', () => {
    const story = new BranchStory({}, { last: point(4), acked: point(2) });
    story.do({ on: 'link-up' });
    story.do({ on: 'appended', last: point(5) });
    const effects = story.greets({ cursor: point(7, 7), hashAtYourLast: hashOf(4) }, null);
    expect(effects).toMatchObject([sends('fetch', { after: 4 }), { do: 'hold-appends' }]);
  });

  it('is no fork when all that the head holds is here', () => {
    const story = new BranchStory({}, { last: point(6), acked: point(3) });
    story.greets({ cursor: point(5, 7) }, hashOf(5));
    story.do(story.heard(own(3, 5)));
    const same = { ...matchedAt(story, 5, [], 5), common: point(5), end: point(5) };
    story.when(same).thenPhase('streaming');
    expect(story.state.acked).toEqual(point(5));
  });

  it('ends the alignment when the grant is lost, and greets again', () => {
    const story = forked();
    story.do(story.heard(own(3, 5)));
    story.do(matchedAt(story, 3, logged(4, 5), 5));
    story.whenTimePasses(2 * LIMITS.answerMs).then({ do: 'hold-appends' }, { do: 'read-greeting' });
    story.whenHears({ kind: 'grant', epoch: 2, nonce: 'of the session before' }).thenNothing();
  });
});
