import { START_OF_CHAIN } from '../../domain/chain.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { ControlMessage, RefusalReason } from '../../domain/sync/messages.ts';
import {
  ack,
  beacon,
  BranchStory,
  cursorAt,
  hashOf,
  point,
  pulled,
  run,
  sends,
  streaming,
} from './sync-branch-story.ts';

/** What the head holds of the own log, as `match-own` decodes it; only places matter here. */
function logged(...seqs: number[]): LoggedEvent[] {
  return seqs.map(
    (seq) =>
      ({ event: { epoch: 1, seq }, bytes: new Uint8Array(), hash: hashOf(seq, 7) }) as unknown as LoggedEvent,
  );
}

function own(afterSeq: number, upTo: number, end = upTo) {
  const events = Array.from({ length: upTo - afterSeq }, () => new Uint8Array(1));
  return { kind: 'own' as const, afterSeq, before: hashOf(afterSeq), events, end: point(end, 7) };
}

/** Behind its head, which holds `head` events of the log. */
function behind({ last = 4, head = 7 } = {}): BranchStory {
  const story = new BranchStory({}, { last: point(last), acked: point(2) });
  story.greets({ cursor: point(head, 7), hashAtYourLast: hashOf(last) }, null);
  return story;
}

/** The own log and the head's differ after place 3; both sides hold more. */
function forked(): BranchStory {
  const story = new BranchStory({}, { last: point(6), acked: point(3) });
  story.greets({ cursor: point(5, 7), hashAtYourLast: null }, hashOf(5));
  return story;
}

const matchedAt = (story: BranchStory, common: number, rest: LoggedEvent[], end: number) =>
  ({ on: 'own-matched', nonce: story.state.nonce, common: point(common), rest, end: point(end, 7) }) as const;

describe('a greeting', () => {
  it('begins when the link is up, with what the database says', () => {
    const position = {
      session: 4,
      last: point(9),
      acked: point(7),
      feed: cursorAt(33),
      headTips: [{ epoch: 1, seq: 5, hash: hashOf(5) }],
    };
    const story = new BranchStory({ subscribe: 'all' }, position);
    story.when({ on: 'link-up' }).then({ do: 'hold-appends', held: false }, { do: 'read-greeting' });
    const hello = {
      office: 'west',
      instance: 'i1',
      subscribe: 'all',
      versions: { wire: 1, program: '0.1.0' },
    };
    story
      .when({ on: 'greeting-read', nonce: story.state.nonce, position })
      .then(sends('hello', { ...position, ...hello, nonce: story.state.nonce }));
  });

  it('asks for nothing twice: one nonce, one answer', () => {
    const story = streaming();
    story.whenHears(story.welcome()).thenNothing().thenPhase('streaming');
  });

  it('begins again with a new nonce when no answer comes, each time after a longer wait', () => {
    const story = new BranchStory();
    story.do({ on: 'link-up' });
    const waits: number[] = [];
    const nonces = new Set([story.state.nonce]);
    for (let attempt = 0; attempt < 9; attempt++) {
      waits.push(story.state.deadlineMs - story.ports.elapsedMs());
      story.whenTimePasses(waits.at(-1)! - 1).thenNothing();
      story.whenTimePasses(1).then({ do: 'hold-appends', held: false }, { do: 'read-greeting' });
      nonces.add(story.state.nonce);
    }
    expect(nonces.size).toBe(10);
    expect(waits).toEqual([5_000, 5_000, 5_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('saves the session and whose head it is before it goes on', () => {
    const story = new BranchStory({}, { last: point(5), acked: point(5), session: 8 });
    story.do({ on: 'link-up' });
    story.do({
      on: 'greeting-read',
      nonce: story.state.nonce,
      position: { session: 8, last: point(5), acked: point(5), feed: cursorAt(0), headTips: [] },
    });
    story
      .whenHears(story.welcome({ session: 9, cursor: point(3) }))
      .then({ do: 'locate', head: 'head', session: 9, seq: 3, nonce: story.state.nonce });
  });

  it('is repeated when the database cannot be read', () => {
    const story = new BranchStory();
    story.do({ on: 'link-up' });
    const failed = {
      on: 'failed',
      effect: 'read-greeting',
      type: 'database-unavailable',
      detail: 'gone',
      retry: true,
    } as const;
    story.when(failed).thenPhase('greeting');
    expect(story.state.problem).toEqual({ type: 'database-unavailable', detail: 'gone' });
    story.whenTimePasses(LIMITS.backoffMaxMs).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });
});

describe('the normal outcome', () => {
  it('streams from where the head stands', () => {
    const story = new BranchStory({}, { last: point(9), acked: point(7) });
    const effects = story.greets({ cursor: point(7), safeSeq: 3 });
    expect(effects).toMatchObject([
      { do: 'save-acked', acked: point(7), safeSeq: 3 },
      { do: 'hold-appends', held: false },
      { do: 'consume-feed', wanted: true },
      { do: 'read-own', after: 7 },
    ]);
    expect(story.phase).toBe('streaming');
  });

  it('pulls at once what the feed holds beyond the cursor', () => {
    const story = new BranchStory({}, { feed: cursorAt(12) });
    expect(story.greets({ feedEnd: 20 })).toContainEqual(
      expect.objectContaining({
        message: expect.objectContaining({ kind: 'pull', after: 12, feedEpoch: 1 }),
      }),
    );
  });

  it('is the same after the broker lost everything: what the head lacks is sent again', () => {
    const story = streaming({ last: 4 });
    story.do({ on: 'appended', last: point(6) });
    story.when(story.reads(4, 6)).then(sends('batch', { firstSeq: 5 }));
    story.do({ on: 'link-down', reason: 'broker gone' });
    expect(story.state.problem).toEqual({ type: 'link-unavailable', detail: 'broker gone' });
    story.stands({ last: point(6), acked: point(4) });
    expect(story.greets()).toContainEqual(expect.objectContaining({ do: 'read-own', after: 4 }));
    story.when(story.reads(4, 6)).then(sends('batch', { firstSeq: 5 }));
  });

  it('trusts what the head confirmed beyond what this branch remembers', () => {
    const story = new BranchStory({}, { last: point(9), acked: point(2) });
    expect(story.greets({ cursor: point(8) })).toContainEqual(
      expect.objectContaining({ do: 'read-own', after: 8 }),
    );
    expect(story.state.acked).toEqual(point(8));
  });
});

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
});

describe('a second copy', () => {
  const held = { kind: 'refused', reason: 'lease-held', detail: 'x', cursor: point(3) } as const;
  const refusal = { ...held, reason: 'second-copy' } as const;

  function fenced(): BranchStory {
    const story = refusedOnce();
    story.ports.pass(LIMITS.copyRetryMs);
    story.do({ on: 'tick' });
    story.whenHears(refusal).then({ do: 'hand-over' }).thenPhase('fenced');
    return story;
  }

  function refusedOnce(): BranchStory {
    const story = new BranchStory({}, { last: point(6), acked: point(3) });
    story.do({ on: 'link-up' });
    story.whenHears(held).then({ do: 'hold-appends' }, { do: 'consume-feed' }).thenPhase('refused');
    return story;
  }

  it('is none while the lease of an earlier process of its own may still run', () => {
    const story = refusedOnce();
    story.whenTimePasses(LIMITS.copyRetryMs).then({ do: 'hold-appends' }, { do: 'read-greeting' });
    story.greets();
    expect(story.phase).toBe('streaming');
  });

  it('is the office again when the head knows of no other that is alive', () => {
    const story = fenced();
    story
      .whenHears({ kind: 'greet-again' })
      .then({ do: 'unfence' }, { do: 'hold-appends' }, { do: 'read-greeting' })
      .thenPhase('greeting');
    expect(story.state.fenced).toBe(false);
  });

  it('is none when another process has taken a session with the same database', () => {
    const story = fenced();
    story
      .when({ on: 'failed', effect: 'hand-over', type: 'second-process', detail: 'x', retry: false })
      .then({ do: 'hold-appends' })
      .thenPhase('greeting');
    expect(story.state.fenced).toBe(false);
  });

  it('is fenced, hands over, and says what to do', () => {
    expect(fenced().state.problem).toMatchObject({
      type: 'second-copy',
      detail: expect.stringMatching(/Stop this copy/),
    });
  });

  it('never greets again, which would take the session from the live one', () => {
    const story = fenced();
    story.when({ on: 'sync-now' }).then({ do: 'hand-over' }).thenPhase('fenced');
    story.do({ on: 'link-down', reason: 'x' });
    story.when({ on: 'link-up' }).then({ do: 'hand-over' }).thenPhase('fenced');
    story.when({ on: 'appended', last: point(7) }).thenNothing();
  });

  it('hands over again until it was taken, then is quiet', () => {
    const story = fenced();
    story.whenTimePasses(LIMITS.refusedRetryMs - 1).thenNothing();
    story.whenTimePasses(1).then({ do: 'hand-over' });
    story.whenHears({ kind: 'stranded-taken' }).thenNothing();
    story.whenTimePasses(LIMITS.refusedRetryMs).thenNothing().thenPhase('fenced');
  });

  it('stays fenced over a restart', () => {
    const story = new BranchStory({ fenced: true }, { last: point(6) });
    story.when({ on: 'link-up' }).then({ do: 'hand-over' }).thenPhase('fenced');
  });

  it('tries again when handing over failed', () => {
    const story = fenced();
    const failed = { effect: 'hand-over', type: 'link-unavailable', detail: 'x', retry: true } as const;
    story
      .when({ on: 'failed', ...failed })
      .thenNothing()
      .thenPhase('fenced');
    story.whenTimePasses(LIMITS.refusedRetryMs).then({ do: 'hand-over' });
  });
});

describe('a refusal', () => {
  const reasons: RefusalReason[] = [
    'unknown-office',
    'retired-office',
    'program-too-old',
    'program-too-new',
    'batch-refused',
  ];

  it.each(reasons)('for %s is shown and tried again after a while', (reason) => {
    const story = new BranchStory();
    story.do({ on: 'link-up' });
    story
      .whenHears({ kind: 'refused', reason, detail: 'do something', cursor: null })
      .then({ do: 'hold-appends', held: false }, { do: 'consume-feed', wanted: false })
      .thenPhase('refused');
    expect(story.state.problem).toEqual({ type: reason, detail: 'do something' });
    story.whenTimePasses(LIMITS.refusedRetryMs - 1).thenNothing();
    story.whenTimePasses(1).then({ do: 'hold-appends' }, { do: 'read-greeting' });
  });

  it('of a batch stops this link', () => {
    const story = streaming({ last: 3 });
    story.do(story.heard({ kind: 'refused', reason: 'batch-refused', detail: 'x', cursor: null }));
    story
      .when({ on: 'appended', last: point(4) })
      .thenNothing()
      .thenPhase('refused');
  });
});

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
