import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { BranchStory, cursorAt, hashOf, point, run } from './sync-branch-story.ts';

describe('a head that was restored', () => {
  const tip = { epoch: 1, seq: 5, hash: hashOf(5) };
  const restored = { returnAfter: { tip }, feed: { feedEpoch: 2, position: 6 }, feedEnd: 6 };

  function returning(): BranchStory {
    const story = new BranchStory({}, { last: point(9), acked: point(7), feed: cursorAt(10) });
    story.greets({ ...restored, cursor: point(4) });
    return story;
  }

  it('gets its events back before anything else is sent or applied', () => {
    const story = new BranchStory({}, { last: point(9), acked: point(7), feed: cursorAt(10) });
    expect(story.greets({ ...restored, cursor: point(4) })).toMatchObject([{ do: 'return-head', tip }]);
    story.when({ on: 'message', message: { ...run(10, 11), feedEpoch: 2 } }).thenNothing();
    story
      .when({ on: 'appended', last: point(10) })
      .thenNothing()
      .thenPhase('returning');
  });

  it('goes on from where it stands now, in the new life of the feed', () => {
    const story = returning();
    story.whenHears({ kind: 'returned-taken' }).then({ do: 'locate', seq: 4 }).thenPhase('locating');
    story
      .when({ on: 'located', nonce: story.state.nonce, hashAtCursor: hashOf(4) })
      .then(
        { do: 'save-acked', acked: point(4) },
        { do: 'hold-appends', held: false },
        { do: 'consume-feed', wanted: true },
        { do: 'read-own', after: 4 },
        { do: 'move-feed', cursor: { feedEpoch: 2, position: 6, hash: hashOf(0) } },
      )
      .thenPhase('streaming');
    expect(story.state.feed.cursor).toMatchObject({ feedEpoch: 2, position: 6 });
  });

  it('is greeted again when it does not say that it has them', () => {
    returning()
      .whenTimePasses(2 * LIMITS.answerMs)
      .then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });

  it('keeps the hash of a cursor that does not move back', () => {
    const story = new BranchStory({}, { feed: cursorAt(6) });
    story.greets({ feed: { feedEpoch: 2, position: 6 }, feedEnd: 6 });
    expect(story.state.feed.cursor).toEqual({ ...cursorAt(6), feedEpoch: 2 });
  });

  it('moves a cursor within the life that it follows, too', () => {
    const story = new BranchStory({}, { last: point(4), acked: point(4), feed: cursorAt(10) });
    const cursor = { feedEpoch: 1, position: 6, hash: ZERO_HASH };
    expect(story.greets({ feed: { feedEpoch: 1, position: 6 } })).toContainEqual({
      do: 'move-feed',
      cursor,
      acked: point(4),
    });
  });

  it('sets a cursor back to a place whose event it does not name', () => {
    const story = new BranchStory({}, { last: point(4), acked: point(4), feed: cursorAt(10) });
    const effects = story.greets({ feed: { feedEpoch: 2, position: 6 } });
    const cursor = { feedEpoch: 2, position: 6, hash: ZERO_HASH };
    expect(effects).toContainEqual({ do: 'move-feed', cursor, acked: point(4) });
  });
});

describe('what a restored head no longer acknowledges', () => {
  const acknowledged = (cursorSeq: number) => {
    const story = new BranchStory({}, { last: point(5), acked: point(4), feed: cursorAt(9) });
    const effects = story.greets({ cursor: point(cursorSeq), feed: { feedEpoch: 2, position: 6 } });
    return effects.flatMap((effect) => (effect.do === 'move-feed' ? [effect.acked] : []));
  };

  it('is forgotten with the move into the new life of the feed', () => {
    expect(acknowledged(2)).toEqual([START_OF_CHAIN]);
  });

  it('is kept where the head still has it', () => {
    expect(acknowledged(4)).toEqual([point(4)]);
  });
});
