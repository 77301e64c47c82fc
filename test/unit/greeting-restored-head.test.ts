import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { forksOf } from '../../domain/sync/feed-lives.ts';
import { cursorAt, hashOf, point } from './sync-branch-story.ts';
import { given, office, tip } from './greeting-story.ts';

describe('a head that was restored is proven', () => {
  it('by an acknowledgement that it does not remember', () => {
    given(office({ cursor: point(6) }))
      .when()
      .thenWelcomed(
        { cursor: point(6), feed: { feedEpoch: 2, position: 20 }, returnAfter: null },
        { mint: { feedEpoch: 2, position: 20, forgotten: null } },
      );
  });

  it('by a place of the feed beyond its end', () => {
    given(office(), { hashAtTheirFeed: null })
      .when()
      .thenWelcomed(
        { feed: { feedEpoch: 2, position: 19 } },
        { mint: { feedEpoch: 2, position: 19, forgotten: null } },
      );
  });

  it('by another event at that place', () => {
    given(office(), { hashAtTheirFeed: hashOf(20, 9) })
      .when()
      .thenWelcomed(
        { feed: { feedEpoch: 2, position: 19 } },
        { mint: { feedEpoch: 2, position: 19, forgotten: null } },
      );
  });

  it('by a life of the feed that it does not remember: then nothing is certain', () => {
    given()
      .when({ feed: cursorAt(20, 3) })
      .thenWelcomed(
        { feed: { feedEpoch: 2, position: 0 }, returnAfter: { tip: null } },
        { mint: { feedEpoch: 2, position: 0, forgotten: 3 } },
      );
  });

  it('by events of its own that it does not hold: they are asked for from the newest that it never lost', () => {
    given(office(), { tipPositions: [null, null, 15, 11] })
      .when()
      .thenWelcomed(
        { returnAfter: { tip: tip(6) }, feed: { feedEpoch: 2, position: 15 } },
        { mint: { feedEpoch: 2, position: 15, forgotten: null } },
      );
  });

  it('by older events that it does not hold, though it holds newer ones', () => {
    given(office(), { tipPositions: [19, null, 15, 11] })
      .when()
      .thenWelcomed(
        { returnAfter: { tip: tip(6) } },
        { mint: { feedEpoch: 2, position: 15, forgotten: null } },
      );
  });

  it('and all its events are asked for when it holds none of them', () => {
    given(office({ cursor: START_OF_CHAIN }), {
      hashAtTheirFeed: null,
      tipPositions: [null, null, null, null],
    })
      .when()
      .thenWelcomed(
        { returnAfter: { tip: null }, feed: { feedEpoch: 2, position: 0 } },
        { mint: { feedEpoch: 2, position: 0, forgotten: null } },
      );
  });

  it('not by a cursor whose event is not known to the branch', () => {
    given(office(), { hashAtTheirFeed: hashOf(20, 9) })
      .when({ feed: { ...cursorAt(20), hash: ZERO_HASH } })
      .thenWelcomed({ feed: { feedEpoch: 1, position: 20 } }, { mint: null });
  });
});

describe('a branch of an older life of the feed', () => {
  const restored = {
    feedEpoch: 3,
    feedForks: [
      { feedEpoch: 2, position: 18 },
      { feedEpoch: 3, position: 24 },
    ],
  };

  it('follows without another proof, from the first fork that it did not see', () => {
    given(office({ cursor: point(5) }), restored)
      .when()
      .thenWelcomed({ feed: { feedEpoch: 3, position: 18 }, cursor: point(5) }, { mint: null });
  });

  it('stays where it was when the fork lies behind it', () => {
    given(office(), restored)
      .when({ feed: cursorAt(15), headTips: [tip(6), tip(4)] })
      .thenWelcomed({ feed: { feedEpoch: 3, position: 15 } }, { mint: null });
  });

  it('passes over the forks that it has seen', () => {
    given(office(), { ...restored, hashAtTheirFeed: cursorAt(30).hash })
      .when({ feed: cursorAt(30, 2) })
      .thenWelcomed({ feed: { feedEpoch: 3, position: 24 } }, { mint: null });
  });

  it('returns what the head lost, also when another branch has returned a part of it', () => {
    // The newest tip came back from another branch, at a position behind the fork.
    given(office(), { ...restored, tipPositions: [27, null, 15, 11] })
      .when()
      .thenWelcomed({ returnAfter: { tip: tip(6) } }, { mint: null });
  });

  it('returns all beyond the first fork ever, for a backup may hold only a part of what came back then', () => {
    given(office(), {
      feedEpoch: 4,
      feedForks: [
        { feedEpoch: 2, position: 12 },
        { feedEpoch: 3, position: 20 },
        { feedEpoch: 4, position: 30 },
      ],
    })
      .when({ feed: cursorAt(40, 3) })
      .thenWelcomed({ returnAfter: { tip: tip(4) } }, { mint: null });
  });

  it('returns nothing when all that it holds lies before the fork', () => {
    given(office(), { ...restored, tipPositions: [18, 17, 15, 11] })
      .when()
      .thenWelcomed({ returnAfter: null });
  });

  it('in the life of now goes on where it is', () => {
    given(office(), restored)
      .when({ feed: cursorAt(20, 3) })
      .thenWelcomed({ feed: { feedEpoch: 3, position: 20 }, returnAfter: null }, { mint: null });
  });
});

describe('a branch of a life of the feed that is not the first', () => {
  const lives = { feedEpoch: 3, feedForks: [{ feedEpoch: 3, position: 18 }] };

  it('shows a restore when it is another than the head remembers', () => {
    given(office(), { ...lives, nextFeedEpoch: 4 })
      .when({ feed: cursorAt(20, 2) })
      .thenWelcomed(
        { feed: { feedEpoch: 4, position: 0 } },
        { mint: { feedEpoch: 4, position: 0, forgotten: 2 } },
      );
  });

  it('shows none when the head remembers it', () => {
    given(office(), lives)
      .when({ feed: cursorAt(20, 3) })
      .thenWelcomed({ feed: { feedEpoch: 3, position: 20 } }, { mint: null });
  });

  it('goes back to where the head never lost anything, when its place is another event now', () => {
    given(office(), { ...lives, hashAtTheirFeed: hashOf(20, 9), tipPositions: [27, 16, 15, 11] })
      .when({ headTips: [tip(8), tip(7), tip(6), tip(4)] })
      .thenWelcomed({ feed: { feedEpoch: 3, position: 16 } }, { mint: null });
  });

  it('goes back to the very beginning, when nothing it names is there', () => {
    given(office(), { ...lives, hashAtTheirFeed: null, tipPositions: [] })
      .when({ headTips: [] })
      .thenWelcomed({ feed: { feedEpoch: 3, position: 0 } }, { mint: null });
  });

  it('counts what lies at the fork as never lost', () => {
    given(office(), { ...lives, hashAtTheirFeed: null, tipPositions: [18, 17] })
      .when({ headTips: [tip(8), tip(7)] })
      .thenWelcomed({ feed: { feedEpoch: 3, position: 18 }, returnAfter: null }, { mint: null });
  });

  it('returns what follows its newest event from before the fork, be it only one', () => {
    given(office(), { ...lives, tipPositions: [null, 17] })
      .when({ headTips: [tip(8), tip(7)] })
      .thenWelcomed({ returnAfter: { tip: tip(7) } }, { mint: null });
  });
});

describe('what the head writes down of a new life of its feed', () => {
  it('is where it forked off', () => {
    expect(forksOf({ feedEpoch: 4, position: 15, forgotten: null })).toEqual([
      { feedEpoch: 4, position: 15 },
    ]);
  });

  it('is also the life that it had forgotten, whose whole length is the one before', () => {
    expect(forksOf({ feedEpoch: 4, position: 0, forgotten: 3 })).toEqual([
      { feedEpoch: 3, position: Number.MAX_SAFE_INTEGER },
      { feedEpoch: 4, position: 0 },
    ]);
  });
});
