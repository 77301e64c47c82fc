import { LIMITS } from '../../domain/sync/limits.ts';
import {
  ack,
  type BranchStory,
  hashOf,
  messages,
  point,
  sending,
  sends,
  streaming,
} from './sync-branch-story.ts';

describe('what was appended', () => {
  it('is read and sent at once, with the hashes around it', () => {
    const story = streaming({ last: 2 });
    story.when({ on: 'appended', last: point(5) }).then({ do: 'read-own', after: 2 });
    story
      .when(story.reads(2, 5))
      .then(sends('batch', { firstSeq: 3, before: hashOf(2), after: hashOf(5), nonce: story.state.nonce }));
  });

  it('is read one batch at a time', () => {
    const story = streaming({ last: 2 });
    story.do({ on: 'appended', last: point(5) });
    story.when({ on: 'appended', last: point(9) }).thenNothing();
    story.when(story.reads(2, 5)).then(sends('batch'), { do: 'read-own', after: 5 });
  });

  it('is noticed once', () => {
    streaming({ last: 4 })
      .when({ on: 'appended', last: point(4) })
      .thenNothing();
  });

  it('is read again by the next tick when the database failed', () => {
    const story = streaming({ last: 2 });
    story.do({ on: 'appended', last: point(3) });
    const failed = {
      on: 'failed',
      effect: 'read-own',
      type: 'database-unavailable',
      detail: 'x',
      retry: true,
    } as const;
    story.when(failed).thenNothing();
    expect(story.state.problem).toMatchObject({ type: 'database-unavailable' });
    story.whenTimePasses(0).then({ do: 'read-own', after: 2 });
    story.do(story.reads(2, 3));
    expect(story.state.problem).toBeNull();
  });

  it('is sent also when it was read before it was told of', () => {
    const story = streaming({ last: 3 });
    story.do({ on: 'appended', last: point(4) });
    story.when(story.reads(3, 5)).then(sends('batch', { firstSeq: 4 }));
    expect(story.state.last).toEqual(point(5));
  });

  it('is not sent for the moment when nothing is there to read', () => {
    const story = streaming({ last: 2 });
    story.do({ on: 'appended', last: point(3) });
    story.when(story.reads(2, 2)).thenNothing();
    story.whenTimePasses(0).then({ do: 'read-own', after: 2 });
  });
});

describe('the window', () => {
  it(`lets ${LIMITS.windowBatches} batches out, and an acknowledgement the next`, () => {
    const story = sending(LIMITS.windowBatches);
    const next = 3 + LIMITS.windowBatches;
    story.when({ on: 'appended', last: point(next) }).thenNothing();
    story
      .whenHears(ack(point(3)))
      .then({ do: 'read-own', after: next - 1 }, { do: 'save-acked', acked: point(3) });
  });

  it('is bounded in bytes, too', () => {
    const story = streaming({ last: 2 });
    story.do({ on: 'appended', last: point(9) });
    story.when(story.reads(2, 3, LIMITS.windowBytes - 1)).then(sends('batch'), { do: 'read-own', after: 3 });
    story.when(story.reads(3, 4, 1)).then(sends('batch'));
    story.whenHears(ack(point(3))).then({ do: 'read-own', after: 4 }, { do: 'save-acked' });
  });

  it('is opened by a cumulative acknowledgement', () => {
    const story = sending(5);
    story.do(story.heard(ack(point(6))));
    expect(story.state.up.inFlight.map(({ lastSeq }) => lastSeq)).toEqual([7]);
  });
});

describe('an acknowledgement', () => {
  it('is saved when it brings a new safe place only, and not when it brings nothing', () => {
    const story = streaming({ last: 3 });
    const told = ack(point(3), { safeSeq: 2 });
    story.whenHears(told).then({ do: 'save-acked', acked: point(3), safeSeq: 2 });
    story.whenHears(told).thenNothing();
  });
});

describe('a gap', () => {
  it('is filled from where the head stands', () => {
    const story = sending(3);
    story
      .whenHears(ack(point(3), { verdict: 'gap' }))
      .then({ do: 'read-own', after: 3 }, { do: 'save-acked' });
    story.when(story.reads(3, 5)).then(sends('batch', { firstSeq: 4 }));
  });

  it('is filled once, however often it is reported in a round trip', () => {
    const story = sending(4);
    story.do(story.heard(ack(point(2), { verdict: 'gap' })));
    story.whenHears(ack(point(2), { verdict: 'gap' })).thenNothing();
    story.when(story.reads(2, 6)).then(sends('batch', { firstSeq: 3 }));
    story.whenHears(ack(point(2), { verdict: 'gap' })).thenNothing();
    expect(story.state.up.nextSeq).toBe(7);
  });

  it('is filled again when another one opens later', () => {
    const story = sending(4);
    story.do(story.heard(ack(point(2), { verdict: 'gap' })));
    story.do(story.reads(2, 6));
    story.do(story.heard(ack(point(4))));
    story.whenHears(ack(point(4), { verdict: 'gap' })).then({ do: 'read-own', after: 4 });
  });

  it('drops what was being read when the machine went back', () => {
    const story = sending(3);
    story.do({ on: 'appended', last: point(6) });
    story.whenHears(ack(point(3), { verdict: 'gap' })).then({ do: 'save-acked' });
    story.when(story.reads(5, 6)).then({ do: 'read-own', after: 3 });
  });
});

describe('an acknowledgement', () => {
  it('is saved with the safe place', () => {
    sending(2)
      .whenHears(ack(point(4), { safeSeq: 3 }))
      .then({ do: 'save-acked', acked: point(4), safeSeq: 3 });
  });

  it('of a place that was not sent from here confirms nothing, and hides nothing that is still to be sent', () => {
    const story = sending(3);
    story
      .whenHears(ack(point(4, 7), { verdict: 'ok' }))
      .then({ do: 'hold-appends' }, { do: 'read-greeting' });
    const another = streaming({ last: 2 });
    another.do({ on: 'appended', last: point(9) });
    another.whenHears(ack(point(6, 7))).thenNothing();
    expect(another.state).toMatchObject({ acked: point(2), up: { nextSeq: 3 } });
  });

  it('is saved once', () => {
    const story = sending(2);
    story.do(story.heard(ack(point(4))));
    story.whenHears(ack(point(4))).thenNothing();
  });

  it('of the past that was overtaken is ignored', () => {
    const story = streaming({ last: 4 });
    story
      .whenHears(ack(point(3)))
      .thenNothing()
      .thenPhase('streaming');
  });

  const elsewhere: [string, Parameters<BranchStory['whenHears']>[0]][] = [
    ['the head finds a fork', ack(point(4), { verdict: 'fork' })],
    ['the head is ahead of the log', ack(point(9))],
    ['the head holds another event there', ack(point(4, 7))],
    ['a probe finds the head behind what it confirmed', ack(point(3), { probed: 1 })],
    ['a gap is reported before what was confirmed', ack(point(3), { verdict: 'gap' })],
  ];

  it.each(elsewhere)('makes the branch greet when %s', (_, message) => {
    streaming({ last: 4 })
      .whenHears(message)
      .then({ do: 'hold-appends' }, { do: 'read-greeting' })
      .thenPhase('greeting');
  });
});

describe('sending', () => {
  it('that fails ends the session; the next one begins after a pause', () => {
    const story = sending(1);
    const failed = {
      kind: 'batch',
      nonce: story.state.nonce,
      type: 'link-unavailable',
      detail: 'blocked',
    } as const;
    story
      .when({ on: 'send-failed', ...failed })
      .then({ do: 'hold-appends', held: false })
      .thenPhase('greeting');
    expect(story.state.problem).toEqual({ type: 'link-unavailable', detail: 'blocked' });
    story.whenTimePasses(LIMITS.backoffMs - 1).thenNothing();
    story.whenTimePasses(1).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });

  it('that failed in an earlier session is over', () => {
    const story = sending(1);
    const failed = { kind: 'batch', nonce: 'of before', type: 'link-unavailable', detail: '' } as const;
    story
      .when({ on: 'send-failed', ...failed })
      .thenNothing()
      .thenPhase('streaming');
  });
});

describe('the invariants of a branch', () => {
  it('are broken by an acknowledgement of what was never written, which stops the step', () => {
    const story = streaming({ last: 4 });
    const broken = { ...story.state, acked: point(6) };
    Object.assign(story.state, broken);
    expect(() => story.do({ on: 'tick' })).toThrow('nothing is acknowledged that was not written');
  });

  it('hold for every message in any order', () => {
    const story = sending(4);
    const heard = [
      ack(point(4)),
      ack(point(3)),
      ack(point(4), { verdict: 'gap' }),
      ack(point(6)),
      ack(point(6), { probed: 1 }),
    ];
    const batches = heard.flatMap((message) => messages(story.do(story.heard(message))));
    expect(batches).toEqual([]);
    expect(story.phase).toBe('streaming');
  });
});
