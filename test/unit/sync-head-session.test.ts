import { LIMITS } from '../../domain/sync/limits.ts';
import {
  AGAIN,
  HeadStory,
  LIVE,
  OTHER,
  batch,
  connected,
  greeted,
  hello,
  refused,
  welcome,
} from './sync-head-story.ts';

describe('a greeting at the head', () => {
  it('is looked up in the database first', () => {
    expect(new HeadStory().when({ on: 'message', message: hello() })).toEqual([
      { do: 'greet', hello: hello() },
    ]);
  });

  it('is answered through a queue that is declared before', () => {
    const effects = new HeadStory().when({
      on: 'greeted',
      hello: hello(),
      subscribe: 'all',
      outcome: welcome(),
    });
    expect(effects).toMatchObject([
      { do: 'declare', instance: 'i1', subscribe: 'all' },
      { do: 'send', to: 'i1', message: { kind: 'welcome', nonce: 'n1' } },
    ]);
  });

  it('of a second process is refused, and whoever holds the lease has to show that it lives', () => {
    const story = connected();
    const greeting = {
      on: 'greeted',
      hello: hello(OTHER),
      subscribe: 'all',
      outcome: refused(OTHER),
    } as const;
    expect(story.when(greeting).slice(2)).toMatchObject([
      { do: 'renew-lease', instance: 'i1' },
      { do: 'send', to: 'i1', message: { kind: 'greet-again', nonce: 'n1' } },
    ]);
    expect(story.state).toMatchObject({ nonce: 'n1', instance: 'i1' });
    expect(story.when(greeting)).toHaveLength(2); // but not at every try of the other
    story.when({ on: 'greeted', hello: hello(AGAIN), subscribe: 'own', outcome: welcome(AGAIN) });
    expect(story.when(greeting)[1]).toMatchObject({ message: { reason: 'lease-held' } }); // it may have died since
    story.when({
      on: 'message',
      message: { kind: 'probe', ...AGAIN, office: 'west', upTo: 0, number: 1 } as never,
    });
    const onOne = { ...greeting, outcome: { ...refused(OTHER), isOtherDatabase: false } as never };
    expect(story.when(onOne)[1]).toMatchObject({ message: { reason: 'second-process' } });
    expect(story.when(greeting)[1]).toMatchObject({ message: { reason: 'second-copy' } });
  });

  it('that is refused gets no subscription, and leaves the live session alone', () => {
    const story = connected();
    story.when({ on: 'greeted', hello: hello(OTHER), subscribe: 'all', outcome: refused(OTHER) });
    const before = story.state;
    const effects = story.when({
      on: 'greeted',
      hello: hello(OTHER),
      subscribe: 'all',
      outcome: refused(OTHER),
    });
    expect(effects).toMatchObject([
      { do: 'declare', instance: 'i2', subscribe: null },
      { do: 'send', to: 'i2', message: { kind: 'refused', nonce: 'n2' } },
    ]);
    expect(story.state).toEqual(before);
  });
});

describe('a lease', () => {
  const renewal = { do: 'renew-lease', instance: 'i1' };

  it('is renewed by the first message of a session, which confirms it', () => {
    const story = greeted();
    const untilMs = story.ports.nowMs() + LIMITS.leaseMs;
    expect(story.hears({ kind: 'probe', number: 1, upTo: 0 })).toMatchObject([
      { ...renewal, untilMs },
      { do: 'read-cursor' },
    ]);
  });

  it('is renewed now and then, not with every message', () => {
    const story = connected();
    story.ports.pass(LIMITS.leaseMs / 4 - 1);
    expect(story.hears(batch)).toHaveLength(1);
    story.ports.pass(1);
    expect(story.hears(batch)).toMatchObject([renewal, { do: 'apply-batch' }]);
  });

  it('is learnt again by a head that has just started, which asks for a greeting', () => {
    const story = new HeadStory();
    const again = { do: 'send', to: 'i1', message: { kind: 'greet-again', nonce: 'n1' } };
    expect(story.hears(batch)).toMatchObject([renewal, { do: 'apply-batch' }, again]);
    expect(story.state).toMatchObject(LIVE);
    expect(story.hears(batch)).toMatchObject([{ do: 'apply-batch' }, again]);
    greeted(LIVE, story);
    expect(story.hears(batch)).toMatchObject([renewal, { do: 'apply-batch' }]);
  });

  it('is not renewed by a message of a session that is over', () => {
    const story = connected();
    story.ports.pass(LIMITS.leaseMs);
    expect(story.hears(batch, OTHER)).toMatchObject([
      { do: 'apply-batch', session: OTHER },
      { do: 'send', to: 'i2', message: { kind: 'greet-again', nonce: 'n2' } }, // nobody reads it, or a second copy
    ]);
    expect(story.state).toMatchObject(LIVE);
  });

  it('ends when the branch leaves', () => {
    const story = connected();
    expect(story.hears({ kind: 'bye' })).toEqual([{ do: 'end-lease', instance: 'i1' }]);
    expect(story.state).toMatchObject({ nonce: '', instance: '' });
    expect(story.passes(LIMITS.beaconMs)).toEqual([]);
  });

  it('of one that left and speaks again is learnt anew, with a greeting', () => {
    const story = connected();
    story.hears({ kind: 'bye' });
    const again = { do: 'send', to: 'i1', message: { kind: 'greet-again', nonce: 'n1' } };
    expect(story.hears(batch).at(-1)).toEqual(again);
  });

  it('does not end when somebody leaves whose session was over before', () => {
    const story = connected();
    story.hears({ kind: 'bye' }, OTHER);
    expect(story.state).toMatchObject(LIVE);
  });
});

describe('a session in whose name nothing readable comes', () => {
  it('is told at the second time, and is to greet again; the head still knows whose it was', () => {
    const story = connected();
    const damaged = { on: 'unreadable', detail: 'x' } as const;
    expect(story.when(damaged)).toEqual([]);
    expect(story.when(damaged)).toMatchObject([{ do: 'send', to: 'i1', message: { kind: 'refused' } }]);
    expect(story.state).toMatchObject({ office: 'west', ...LIVE, isWelcomed: false, unreadable: 0 });
    expect(story.when(damaged)).toEqual([]);
  });
});

describe('the beacon', () => {
  it('is sent every so often to a branch that is there', () => {
    const story = connected();
    expect(story.passes(LIMITS.beaconMs - 1)).toEqual([]);
    expect(story.passes(1)).toEqual([{ do: 'send-beacon', session: LIVE }]);
    expect(story.passes(LIMITS.beaconMs - 1)).toEqual([]);
    expect(story.passes(1)).toHaveLength(1);
  });

  it('is not sent into a queue that nobody reads', () => {
    const story = connected();
    expect(story.passes(2 * LIMITS.leaseMs)).toHaveLength(1);
    expect(story.passes(LIMITS.beaconMs)).toEqual([]);
    story.hears({ kind: 'probe', number: 1, upTo: 0 });
    expect(story.passes(LIMITS.beaconMs)).toHaveLength(1);
  });

  it('is for a session only', () => {
    expect(new HeadStory().passes(LIMITS.beaconMs)).toEqual([]);
  });
});
