import type { ControlMessage } from '../../domain/sync/messages.ts';
import { ack, beacon, BranchStory, point, pulled, run, streaming } from './sync-branch-story.ts';
import { behind, forked, logged, matchedAt, own } from './sync-branch-align-story.ts';

describe('messages of another session', () => {
  const others: Omit<ControlMessage, 'nonce'>[] = [
    new BranchStory().welcome(),
    { kind: 'refused', reason: 'retired-office', detail: '', cursor: null } as Omit<ControlMessage, 'nonce'>,
    ack(point(4)),
    own(0, 2),
    { kind: 'grant', epoch: 2 } as Omit<ControlMessage, 'nonce'>,
    pulled(0, [1]),
    beacon(9),
    { kind: 'adopt', from: 'i2/n', epoch: 2, common: point(1), events: [] } as Omit<ControlMessage, 'nonce'>,
    { kind: 'stranded-taken' } as Omit<ControlMessage, 'nonce'>,
    { kind: 'returned-taken' } as Omit<ControlMessage, 'nonce'>,
  ];

  it.each(others.map((message) => [message.kind, message] as const))('are ignored: %s', (_, message) => {
    const story = streaming({ last: 4 });
    const before = story.state;
    const stale = { ...message, nonce: 'of another session' } as ControlMessage;
    story.when({ on: 'message', message: stale }).thenNothing();
    expect(story.state).toEqual(before);
  });

  it('are not taken for their answers either: what was read for one session is not sent in the next', () => {
    const story = streaming({ last: 4 });
    story.do({ on: 'appended', last: point(5) });
    const late = story.reads(4, 5);
    story.do({ on: 'link-down', reason: 'x' });
    story.stands({ last: point(5) });
    story.greets();
    story.when(late).thenNothing();
  });
});

describe('outside of streaming', () => {
  const phases: [string, () => BranchStory][] = [
    ['offline', () => new BranchStory({}, { last: point(4), acked: point(4) })],
    ['idle', () => inPhase('idle', { paused: true })],
    ['greeting', () => inPhase('greeting')],
    ['locating', () => located()],
    ['returning', () => greeted({ returnAfter: { tip: null } })],
    ['aligning', () => behind()],
    ['forking', () => forking()],
    ['fenced', () => inPhase('fenced', { fenced: true })],
  ];

  function inPhase(name: string, options = {}): BranchStory {
    const story = new BranchStory(options, { last: point(4), acked: point(4) });
    story.do({ on: 'link-up' });
    expect(story.phase).toBe(name);
    return story;
  }

  function located(): BranchStory {
    const story = inPhase('greeting');
    story.do(story.heard(story.welcome()));
    return story;
  }

  function greeted(welcome: Parameters<BranchStory['greets']>[0]): BranchStory {
    const story = new BranchStory({}, { last: point(4), acked: point(4) });
    story.greets(welcome);
    return story;
  }

  function forking(): BranchStory {
    const story = forked();
    story.do(story.heard(own(3, 5)));
    story.do(matchedAt(story, 3, logged(4, 5), 5));
    return story;
  }

  it('a grant that comes twice begins one repair', () => {
    const story = forking();
    story.whenHears({ kind: 'grant', epoch: 9 }).then({ do: 'refork', epoch: 9 });
    story.whenHears({ kind: 'grant', epoch: 9 }).thenNothing();
  });

  it('a page that comes twice is held against the log once', () => {
    const story = forked();
    story.whenHears(own(3, 5)).then({ do: 'match-own' });
    story.whenHears(own(3, 5)).thenNothing();
  });

  it.each(phases)('nothing is applied or sent from the log: %s', (phase, begin) => {
    const story = begin();
    expect(story.phase).toBe(phase);
    const { last } = story.state;
    story.when({ on: 'message', message: run(0, 1) }).thenNothing();
    story.whenHears(pulled(0, [1])).thenNothing();
    story.whenHears(beacon(9)).thenNothing();
    story.whenHears(ack(last)).thenNothing();
    story.whenHears({ kind: 'adopt', from: 'i2/n', epoch: 2, common: point(1), events: [] }).thenNothing();
    story.when({ on: 'appended', last: point(last.seq + 1) }).thenNothing();
    expect(story.phase).toBe(phase);
  });
});
