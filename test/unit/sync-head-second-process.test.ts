import type { GreetingOutcome } from '../../domain/sync/greeting.ts';
import type { HeadEffect, HeadInput } from '../../domain/sync/head-state.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import {
  AGAIN,
  HeadStory,
  LIVE,
  OTHER,
  batch,
  connected,
  hello,
  refused,
  welcome,
} from './sync-head-story.ts';

describe('a second process at the head', () => {
  const asks = (session: typeof LIVE, change: object = {}): HeadInput => ({
    on: 'greeted',
    hello: hello(session),
    subscribe: 'own',
    outcome: { ...refused(session), ...change } as GreetingOutcome,
  });
  const THIRD = { nonce: 'n3', instance: 'i3' };
  /** Whoever holds the lease is asked to greet, soon. */
  const asking = (story: HeadStory, untilMs = story.ports.nowMs() + LIMITS.challengeMs) => [
    { do: 'renew-lease', instance: 'i1', untilMs },
    { do: 'send', to: 'i1', message: { kind: 'greet-again', nonce: 'n1' } },
  ];
  /** `answers`: the token that the greeting repeats; an older program repeats none. */
  const lives = (story: HeadStory, session = AGAIN, answers?: string) => {
    const greeting = { ...hello(session), ...(answers === undefined ? {} : { answers }) };
    story.when({ on: 'greeted', hello: greeting, subscribe: 'own', outcome: welcome(session) });
    story.hears({ kind: 'probe', number: 1, upTo: 0 }, session);
  };
  const tokenIn = (effects: readonly HeadEffect[]): string => {
    const [asked] = effects.flatMap((effect) => (effect.do === 'send' ? [effect.message] : [])).slice(-1);
    return asked?.kind === 'greet-again' ? (asked.token ?? '') : '';
  };
  const told = (effects: readonly HeadEffect[]) => effects.slice(0, 2).at(-1);

  it('has the holder asked again when that did not answer in the time of a lease', () => {
    const story = connected();
    expect(story.when(asks(OTHER)).slice(2)).toMatchObject(asking(story));
    story.ports.pass(LIMITS.leaseMs - 1);
    expect(story.when(asks(OTHER)).slice(2)).toEqual([]);
    story.ports.pass(1);
    expect(story.when(asks(OTHER)).slice(2)).toMatchObject(asking(story));
  });

  it('has the holder asked for itself when that has answered another', () => {
    const story = connected();
    lives(story, AGAIN, tokenIn(story.when(asks(OTHER))));
    expect(told(story.when(asks(THIRD)))).toMatchObject({ message: { reason: 'lease-held' } });
    expect(story.state.challenge).toMatchObject({ by: THIRD.instance, stage: 'asked' });
  });

  it('does not keep the lease of one that has died by asking in turn with another', () => {
    const story = connected();
    story.when(asks(OTHER));
    expect(story.when(asks(THIRD)).slice(2)).toEqual([]);
    expect(story.when(asks(OTHER)).slice(2)).toEqual([]);
    story.ports.pass(LIMITS.leaseMs);
    expect(story.when(asks(THIRD)).slice(2)).toMatchObject(asking(story));
  });

  it('asks nobody where nobody ever held the lease', () => {
    const story = connected();
    expect(story.when(asks(OTHER, { holder: '' })).slice(2)).toEqual([]);
  });

  it('asks nobody when it is refused for itself', () => {
    const story = connected();
    const message = { kind: 'refused', nonce: 'n2', reason: 'retired-office', detail: '', cursor: null };
    expect(story.when(asks(OTHER, { message }))).toMatchObject([{ do: 'declare' }, { message }]);
  });

  it('is told what it is itself, though the other has shown that it lives', () => {
    const story = connected();
    story.when(asks(OTHER));
    lives(story);
    const message = { kind: 'refused', nonce: 'n2', reason: 'retired-office', detail: '', cursor: null };
    expect(told(story.when(asks(OTHER, { message })))).toMatchObject({ message });
  });

  it('is no second copy while the holder has not greeted: what it sent may have been under way', () => {
    const story = connected();
    story.when(asks(OTHER));
    story.hears(batch);
    expect(told(story.when(asks(OTHER)))).toMatchObject({ message: { reason: 'lease-held' } });
  });

  it('is no second copy when an old greeting of the holder comes twice, with what followed it', () => {
    const story = connected();
    story.when(asks(OTHER));
    lives(story, LIVE);
    expect(told(story.when(asks(OTHER)))).toMatchObject({ message: { reason: 'lease-held' } });
    lives(story);
    expect(told(story.when(asks(OTHER)))).toMatchObject({ message: { reason: 'second-copy' } });
  });

  it('is no second copy when a still older greeting of the holder comes twice: it does not repeat the token', () => {
    const story = connected();
    const token = tokenIn(story.when(asks(OTHER)));
    lives(story, { ...LIVE, nonce: 'n0' }, '');
    expect(told(story.when(asks(OTHER)))).toMatchObject({ message: { reason: 'lease-held' } });
    lives(story, AGAIN, token); // the answer to a question that was given up
    expect(told(story.when(asks(OTHER)))).toMatchObject({ message: { reason: 'lease-held' } });
  });

  it('is no second copy for a head that has just started and hears what an ended process said', () => {
    const story = new HeadStory();
    story.when(asks(OTHER));
    story.hears({ kind: 'probe', number: 1, upTo: 0 }, LIVE);
    lives(story, { ...LIVE, nonce: 'n0' }, 'a token of the head before');
    expect(told(story.when(asks(OTHER)))).toMatchObject({ message: { reason: 'lease-held' } });
  });

  it('has the holder asked anew, with another token, after a greeting that proves nothing', () => {
    const story = connected();
    const first = tokenIn(story.when(asks(OTHER)));
    lives(story, { ...LIVE, nonce: 'n0' }, '');
    const second = tokenIn(story.when(asks(OTHER)));
    expect(second).not.toBe(first);
    lives(story, AGAIN, second);
    expect(told(story.when(asks(OTHER)))).toMatchObject({ message: { reason: 'second-copy' } });
  });

  it('is one when the holder has repeated the token, in whatever session', () => {
    const story = connected();
    lives(story, AGAIN, tokenIn(story.when(asks(OTHER))));
    expect(told(story.when(asks(OTHER)))).toMatchObject({ message: { reason: 'second-copy' } });
  });

  it('that is told that it is a second copy, and claims the office later, has the holder asked anew', () => {
    const story = connected();
    lives(story, AGAIN, tokenIn(story.when(asks(OTHER))));
    const another = { isOtherDatabase: true };
    expect(told(story.when(asks(OTHER, another)))).toMatchObject({ message: { reason: 'second-copy' } });
    const claimed = story.when(asks(OTHER, another));
    expect(told(claimed)).toMatchObject({ message: { reason: 'lease-held' } });
    expect(claimed.slice(2)).toMatchObject([{ do: 'renew-lease' }, { message: { kind: 'greet-again' } }]);
  });

  it('is no second copy on the word that was given to another', () => {
    const story = connected();
    story.when(asks(OTHER));
    lives(story);
    expect(told(story.when(asks(THIRD)))).toMatchObject({ message: { reason: 'lease-held' } });
  });

  it('is no second copy when the lease has gone to a third meanwhile', () => {
    const story = connected();
    story.when(asks(OTHER));
    story.when({ on: 'greeted', hello: hello(THIRD), subscribe: 'own', outcome: welcome(THIRD) });
    story.hears({ kind: 'probe', number: 1, upTo: 0 }, THIRD);
    expect(told(story.when(asks(OTHER)))).toMatchObject({ message: { reason: 'lease-held' } });
  });

  it('makes the holder confirm itself at once: its lease is renewed with the next message', () => {
    const story = connected();
    story.when(asks(OTHER));
    expect(story.hears(batch)[0]).toMatchObject({ do: 'renew-lease', instance: 'i1' });
  });
});
