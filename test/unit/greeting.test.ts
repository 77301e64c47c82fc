import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import {
  answerHello,
  type GreetingFacts,
  type GreetingOutcome,
  type KnownOffice,
} from '../../domain/sync/greeting.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { HeadTip, Hello } from '../../domain/sync/messages.ts';
import { cursorAt, hashOf, point } from './sync-branch-story.ts';
import { NOON_MS } from './sync-ports.ts';

const tip = (seq: number): HeadTip => ({ epoch: 1, seq, hash: hashOf(seq) });

function hello(changes: Partial<Hello> = {}): Hello {
  return {
    kind: 'hello',
    office: 'west',
    instance: 'i2',
    nonce: 'n2',
    session: 4,
    last: point(9),
    acked: point(7),
    feed: cursorAt(20),
    headTips: [tip(8), tip(7), tip(6), tip(4)],
    subscribe: 'own',
    versions: { wire: LIMITS.wireVersion, program: '0.1.0' },
    ...changes,
  };
}

/** West as the head knows it: its session 4 was used by the process before, whose lease is over. */
function office(changes: Partial<KnownOffice> = {}): KnownOffice {
  return {
    status: 'active',
    cursor: point(7),
    session: 4,
    sessionConfirmed: true,
    instance: 'i1',
    leaseUntilMs: NOON_MS - 1,
    safeSeq: 3,
    subscribe: 'own',
    ...changes,
  };
}

/** A head that holds all that the greeting names. */
function facts(changes: Partial<GreetingFacts> = {}): GreetingFacts {
  return {
    nowMs: NOON_MS,
    program: '0.2.0',
    head: 'head',
    hashAtTheirLast: null,
    hashAtTheirFeed: cursorAt(20).hash,
    tipPositions: [19, 17, 15, 11],
    feedEpoch: 1,
    feedForks: [],
    nextFeedEpoch: 2,
    feedEnd: 26,
    ...changes,
  };
}

type Welcomed = Extract<GreetingOutcome, { verdict: 'welcome' }>;

/** given(what the head knows).when(a branch greets).thenWelcomed(...) or .thenRefused(...) */
function given(known: KnownOffice | null = office(), known2: Partial<GreetingFacts> = {}) {
  return {
    when(changes: Partial<Hello> = {}) {
      const outcome = answerHello(hello(changes), known, facts(known2));
      return {
        thenWelcomed(message: Partial<Welcomed['message']>, rest: Partial<Omit<Welcomed, 'message'>> = {}) {
          expect(outcome).toMatchObject({ verdict: 'welcome', message, ...rest });
        },
        thenRefused(reason: string, more: Record<string, unknown> = {}) {
          expect(outcome).toMatchObject({
            verdict: 'refused',
            message: { kind: 'refused', nonce: 'n2', reason, ...more },
          });
        },
      };
    },
  };
}

describe('a branch that is known and in order', () => {
  it('is welcome, and told where the head stands', () => {
    given()
      .when()
      .thenWelcomed(
        {
          kind: 'welcome',
          nonce: 'n2',
          head: 'head',
          cursor: point(7),
          hashAtYourLast: null,
          feed: { feedEpoch: 1, position: 20 },
          returnAfter: null,
          subscribe: 'own',
          feedEnd: 26,
          safeSeq: 3,
          versions: { wire: LIMITS.wireVersion, program: '0.2.0' },
        },
        { mint: null },
      );
  });

  it('gets the next session, unconfirmed until it is heard from, and a lease', () => {
    const row = {
      session: 5,
      sessionConfirmed: false,
      instance: 'i2',
      leaseUntilMs: NOON_MS + LIMITS.leaseMs,
    };
    given().when().thenWelcomed({ session: 5 }, { row });
  });

  it('gets the same session again when nobody was heard to use it', () => {
    given(office({ session: 5, sessionConfirmed: false }))
      .when()
      .thenWelcomed({ session: 5 });
  });

  it('is told what the head holds at its last place', () => {
    given(office(), { hashAtTheirLast: hashOf(9) })
      .when()
      .thenWelcomed({ hashAtYourLast: hashOf(9) });
  });

  it('is told what it is fed with, whatever it asked for', () => {
    given(office({ subscribe: 'all' }))
      .when()
      .thenWelcomed({ subscribe: 'all' });
  });

  it('may be new', () => {
    const fresh = {
      session: 0,
      last: START_OF_CHAIN,
      acked: START_OF_CHAIN,
      headTips: [],
      feed: { feedEpoch: 1, position: 0, hash: ZERO_HASH },
    };
    given(office({ session: 0, cursor: START_OF_CHAIN, instance: '' }), {
      hashAtTheirFeed: ZERO_HASH,
      tipPositions: [],
    })
      .when(fresh)
      .thenWelcomed({ session: 1, feed: { feedEpoch: 1, position: 0 }, returnAfter: null }, { mint: null });
  });
});

describe('who is refused', () => {
  it.each([
    ['an office that nobody added', null, {}, 'unknown-office'],
    ['one that was retired', office({ status: 'retired' }), {}, 'retired-office'],
    [
      'one that is too old',
      office(),
      { versions: { wire: LIMITS.wireVersion - 2, program: '' } },
      'program-too-old',
    ],
    [
      'one that is too new',
      office(),
      { versions: { wire: LIMITS.wireVersion + 2, program: '' } },
      'program-too-new',
    ],
  ])('is %s', (_, known, changes, reason) => {
    given(known)
      .when(changes)
      .thenRefused(reason, { cursor: null, detail: expect.stringMatching(/\w/) });
  });

  it.each([-1, 1])('is not one whose version is next to this one: %i', (distance) => {
    given()
      .when({ versions: { wire: LIMITS.wireVersion + distance, program: '' } })
      .thenWelcomed({});
  });
});

describe('two processes with one office', () => {
  const alive = { leaseUntilMs: NOON_MS + 1 };

  it('the one that comes while the other holds the lease is taken for a second copy', () => {
    given(office({ ...alive, session: 5 }))
      .when()
      .thenRefused('lease-held', { cursor: point(7) });
  });

  it('whatever session it shows: a copied database shows the one in use', () => {
    given(office(alive)).when().thenRefused('lease-held');
    given(office({ ...alive, session: 5, sessionConfirmed: false }))
      .when()
      .thenRefused('lease-held');
  });

  it('a process is no copy of itself', () => {
    given(office({ ...alive, session: 9, instance: 'i2' }))
      .when()
      .thenWelcomed({ session: 10 });
  });

  it('the one that comes when the lease is over takes its place', () => {
    given(office({ session: 9, leaseUntilMs: NOON_MS }))
      .when()
      .thenWelcomed({ session: 10 });
  });

  it('a lease that no clock could have given says nothing', () => {
    given(office({ session: 9, leaseUntilMs: NOON_MS + LIMITS.leaseMs + 1 }))
      .when()
      .thenWelcomed({ session: 10 });
  });
});

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
