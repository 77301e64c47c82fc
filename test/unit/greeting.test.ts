import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { hashOf, point } from './sync-branch-story.ts';
import { NOON_MS } from './sync-ports.ts';
import { given, office } from './greeting-story.ts';

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

  it('gets one that no copy of it can know, from a head that was restored and has forgotten many', () => {
    given(office({ session: 1, sessionConfirmed: false }))
      .when({ session: 4 })
      .thenWelcomed({ session: 5 });
    given(office({ session: 1 }))
      .when({ session: 4 })
      .thenWelcomed({ session: 5 });
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

  it('is of another database when that does not know the session in use', () => {
    given(office({ ...alive, session: 5 }))
      .when({ session: 4 })
      .thenRefused('lease-held', {}, { isOtherDatabase: true, holder: 'i1' });
    given(office({ ...alive, session: 5 }))
      .when({ session: 5 })
      .thenRefused('lease-held', {}, { isOtherDatabase: false, holder: 'i1' });
  });

  it('is said of nobody where no office is known', () => {
    given(null).when().thenRefused('unknown-office', {}, { isOtherDatabase: false, holder: '' });
  });

  it('the longest lease counts', () => {
    given(office({ session: 9, leaseUntilMs: NOON_MS + LIMITS.leaseMs }))
      .when()
      .thenRefused('lease-held');
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
