import type { BranchInput } from '../../domain/sync/branch-state.ts';
import type { ControlMessage, Welcome } from '../../domain/sync/messages.ts';
import { ack, beacon, BranchStory, cursorAt, point, pulled, run, streaming } from './sync-branch-story.ts';
import { behind, forked, logged, matchedAt, own } from './sync-branch-align-story.ts';
import { NOTHING_SAID } from '../../domain/sync/messages.ts';

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

  const late: [string, (nonce: string) => BranchInput][] = [
    ['a second reading for the greeting', (nonce) => ({ on: 'greeting-read', nonce, position: standing })],
    ['a second look for the cursor', (nonce) => ({ on: 'located', nonce, hashAtCursor: point(4).hash })],
    ['a page held against the log', (nonce) => ({ on: 'own-matched', nonce, ...nothing })],
    ['events that came back', () => ({ on: 'own-restored', last: point(4) })],
    ['a log that was mended', () => ({ on: 'reforked', last: point(4) })],
    ['a page of the own log', (nonce) => ({ on: 'message', message: { nonce, ...own(4, 6) } })],
    ['a grant', (nonce) => ({ on: 'message', message: { kind: 'grant', nonce, epoch: 2 } })],
    ['a return that was taken', (nonce) => ({ on: 'message', message: { kind: 'returned-taken', nonce } })],
    ['another welcome', (nonce) => ({ on: 'message', message: { nonce, ...welcomed } as Welcome })],
    ['the end of a handing over', (nonce) => ({ on: 'message', message: { kind: 'stranded-taken', nonce } })],
    ['what was told of before', () => ({ on: 'appended', last: point(3) })],
  ];
  const standing = {
    session: 1,
    last: point(4),
    acked: point(4),
    feed: cursorAt(0),
    headTips: [],
    datasets: NOTHING_SAID,
  };
  const nothing = { common: point(4), rest: [], end: point(4) };
  const welcomed = new BranchStory({}, { last: point(4), acked: point(4) }).welcome();

  it.each(late)('that is over, and changes nothing while streaming: %s', (_, input) => {
    const story = streaming({ last: 4 });
    const before = story.state;
    story.when(input(before.nonce)).thenNothing().thenPhase('streaming');
    expect({ ...story.state, lastContactAtMs: 0 }).toEqual({ ...before, lastContactAtMs: 0 });
  });

  it.each(phases.slice(2, -1))('a call for a sync begins nothing anew: %s', (phase, begin) => {
    const story = begin();
    expect(story.phase).toBe(phase);
    story
      .when({ on: 'sync-now' })
      .thenNothing()
      .thenPhase(phase as 'forking');
    expect(story.state.asked).not.toBeNull();
  });
});
