import { START_OF_CHAIN } from '../../domain/chain.ts';
import { stepHead } from '../../domain/sync/head.ts';
import { type HeadEffect, type HeadInput, type HeadState, startHead } from '../../domain/sync/head-state.ts';
import type { GreetingOutcome } from '../../domain/sync/greeting.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { Hello, UpMessage } from '../../domain/sync/messages.ts';
import { point } from './sync-branch-story.ts';
import { TestPorts } from './sync-ports.ts';

type Body<M> = M extends unknown ? Omit<M, 'office' | 'instance' | 'nonce'> : never;

const LIVE = { nonce: 'n1', instance: 'i1' };
const OTHER = { nonce: 'n2', instance: 'i2' };

class HeadStory {
  readonly ports = new TestPorts();
  state: HeadState = startHead('west');

  when(input: HeadInput): readonly HeadEffect[] {
    const { state, effects } = stepHead(this.state, input, this.ports);
    this.state = state;
    return effects;
  }

  hears(body: Body<UpMessage>, session = LIVE): readonly HeadEffect[] {
    return this.when({ on: 'message', message: { ...body, ...session, office: 'west' } as UpMessage });
  }

  passes(ms: number): readonly HeadEffect[] {
    this.ports.pass(ms);
    return this.when({ on: 'tick' });
  }
}

const hello = (session = LIVE): Hello => ({
  kind: 'hello',
  office: 'west',
  ...session,
  session: 0,
  last: START_OF_CHAIN,
  acked: START_OF_CHAIN,
  feed: { feedEpoch: 1, position: 0, hash: START_OF_CHAIN.hash },
  headTips: [],
  subscribe: 'own',
  versions: { wire: 1, program: '0.1.0' },
});

const welcome = (session = LIVE): GreetingOutcome =>
  ({
    verdict: 'welcome',
    message: { kind: 'welcome', nonce: session.nonce },
    row: {},
    mint: null,
  }) as GreetingOutcome;
const refused = (session = LIVE): GreetingOutcome => ({
  verdict: 'refused',
  isOtherDatabase: true,
  holder: LIVE.instance,
  message: { kind: 'refused', nonce: session.nonce, reason: 'lease-held', detail: '', cursor: null },
});

function greeted(session = LIVE, story = new HeadStory()): HeadStory {
  story.when({ on: 'greeted', hello: hello(session), subscribe: 'own', outcome: welcome(session) });
  return story;
}

/** Greeted, and heard from already, so that no lease is due. */
function connected(): HeadStory {
  const story = greeted();
  story.hears({ kind: 'probe', number: 1, upTo: 0 });
  return story;
}

const applied = (verdict: 'ok' | 'gap' | 'fork', seq: number): HeadInput => ({
  on: 'batch-applied',
  session: LIVE,
  verdict,
  cursor: point(seq),
  safeSeq: 2,
});
const batch = {
  kind: 'batch',
  firstSeq: 1,
  before: START_OF_CHAIN.hash,
  after: START_OF_CHAIN.hash,
  events: [],
} as const;

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
    story.when({ on: 'greeted', hello: hello(LIVE), subscribe: 'own', outcome: welcome(LIVE) });
    expect(story.when(greeting)[1]).toMatchObject({ message: { reason: 'lease-held' } }); // it may have died since
    story.when({
      on: 'message',
      message: { kind: 'probe', ...LIVE, office: 'west', upTo: 0, number: 1 } as never,
    });
    expect(story.when(greeting)[1]).toMatchObject({ message: { reason: 'second-copy' } });
    const onOne = { ...greeting, outcome: { ...refused(OTHER), isOtherDatabase: false } as never };
    expect(story.when(onOne)[1]).toMatchObject({ message: { reason: 'second-process' } });
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

describe('each message of a branch', () => {
  it.each<[Body<UpMessage>, Record<string, unknown>]>([
    [batch, { do: 'apply-batch', batch: { kind: 'batch', nonce: 'n1' } }],
    [{ kind: 'probe', number: 1, upTo: 3 }, { do: 'read-cursor' }],
    [
      { kind: 'fetch', after: 3 },
      { do: 'answer-fetch', after: 3 },
    ],
    [
      { kind: 'pull', feedEpoch: 2, after: 3, hash: point(3).hash },
      { do: 'answer-pull', feedEpoch: 2, after: 3, hash: point(3).hash },
    ],
    [
      { kind: 'fork', common: point(2) },
      { do: 'grant', adopt: null },
    ],
    [
      { kind: 'returned', number: 1, events: [], end: true },
      { do: 'apply-returned', number: 1, events: [], end: true },
    ],
  ])('has its answer: %o', (message, effect) => {
    expect(connected().hears(message)).toMatchObject([{ ...effect, session: LIVE }]);
  });

  it('is answered in its own session, to the process that sent it', () => {
    const answers = connected().when({
      on: 'cursor-read',
      probe: 1,
      session: OTHER,
      cursor: point(4),
      safeSeq: 1,
    });
    expect(answers).toEqual([
      {
        do: 'send',
        to: 'i2',
        message: { kind: 'ack', nonce: 'n2', at: point(4), safeSeq: 1, verdict: 'ok', probed: 1 },
      },
    ]);
  });
});

describe('acknowledging', () => {
  it('says how far the committed transaction came', () => {
    expect(connected().when(applied('ok', 5))).toEqual([
      {
        do: 'send',
        to: 'i1',
        message: { kind: 'ack', nonce: 'n1', at: point(5), safeSeq: 2, verdict: 'ok', probed: 0 },
      },
    ]);
  });

  it('reports a gap once in a round trip', () => {
    const story = connected();
    expect(story.when(applied('gap', 5))).toMatchObject([{ message: { verdict: 'gap', at: point(5) } }]);
    expect(story.when(applied('gap', 5))).toEqual([]);
    expect(story.when(applied('gap', 6))).toHaveLength(1);
  });

  it.each([
    ['what was missing came', applied('ok', 5)],
    [
      'a probe was answered',
      { on: 'cursor-read', probe: 1, session: LIVE, cursor: point(5), safeSeq: 0 } as const,
    ],
  ])('reports it again after %s', (_, input) => {
    const story = connected();
    story.when(applied('gap', 5));
    story.when(input);
    expect(story.when(applied('gap', 5))).toHaveLength(1);
  });

  it('reports it again in a new session', () => {
    const story = connected();
    story.when(applied('gap', 5));
    greeted(OTHER, story);
    expect(story.when({ ...applied('gap', 5), session: OTHER } as HeadInput)).toHaveLength(1);
  });

  it('names a fork', () => {
    expect(connected().when(applied('fork', 5))).toMatchObject([{ message: { verdict: 'fork' } }]);
  });

  it('refuses what contradicts itself, with an alarm', () => {
    expect(connected().when({ on: 'batch-refused', session: LIVE, detail: 'why' })).toMatchObject([
      { do: 'alarm', type: 'batch-refused', detail: 'why' },
      { do: 'send', to: 'i1', message: { kind: 'refused', reason: 'batch-refused', detail: 'why' } },
    ]);
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
  });

  it('does not end when somebody leaves whose session was over before', () => {
    const story = connected();
    story.hears({ kind: 'bye' }, OTHER);
    expect(story.state).toMatchObject(LIVE);
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
    expect(story.passes(2 * LIMITS.leaseMs + 1)).toEqual([]);
    story.hears({ kind: 'probe', number: 1, upTo: 0 });
    expect(story.passes(LIMITS.beaconMs)).toHaveLength(1);
  });

  it('is for a session only', () => {
    expect(new HeadStory().passes(LIMITS.beaconMs)).toEqual([]);
  });
});

describe('a fork at the head', () => {
  it('is granted an epoch', () => {
    const granted = connected().when({ on: 'granted', session: LIVE, epoch: 3, adopt: null });
    expect(granted).toEqual([{ do: 'send', to: 'i1', message: { kind: 'grant', nonce: 'n1', epoch: 3 } }]);
  });
});

describe('what a fenced copy hands over', () => {
  const stranded = { kind: 'stranded', common: point(3), events: [new Uint8Array([1])] } as const;

  it('goes to the live copy, in an epoch of its own', () => {
    const story = connected();
    const [declare, grant] = story.hears(stranded, OTHER);
    expect(declare).toEqual({ do: 'declare', instance: 'i2', subscribe: null });
    const { common, events } = stranded;
    const adopt = { kind: 'adopt' as const, nonce: 'n1', from: 'i2/n2', common, events };
    expect(grant).toEqual({ do: 'grant', session: LIVE, adopt });
    const granted = story.when({
      on: 'granted',
      session: LIVE,
      epoch: 4,
      adopt,
    });
    expect(granted).toEqual([{ do: 'send', to: 'i1', message: { ...adopt, epoch: 4 } }]);
  });

  it('is taken when the live copy has it', () => {
    const [, taken] = [null, ...connected().hears({ kind: 'adopted', from: 'i2/n2' })];
    expect(taken).toEqual({ do: 'send', to: 'i2', message: { kind: 'stranded-taken', nonce: 'n2' } });
  });

  it('stays with it when no other copy is alive: it is the office again', () => {
    expect(new HeadStory().hears(stranded, OTHER)).toMatchObject([
      { do: 'declare', instance: 'i2', subscribe: null },
      { do: 'send', to: 'i2', message: { kind: 'greet-again', nonce: 'n2' } },
    ]);
  });

  it('does not make the fenced copy the live one', () => {
    const story = connected();
    story.hears(stranded, OTHER);
    expect(story.state).toMatchObject(LIVE);
  });
});

describe('what a branch returns to a restored head', () => {
  it('is taken when the last of it is in', () => {
    const story = connected();
    expect(story.when({ on: 'returned-applied', session: LIVE, number: 1, end: false })).toEqual([]);
    expect(story.when({ on: 'returned-applied', session: LIVE, number: 2, end: true })).toEqual([
      { do: 'send', to: 'i1', message: { kind: 'returned-taken', nonce: 'n1' } },
    ]);
  });

  it('is not taken when a part of it got lost on the way', () => {
    const story = connected();
    const page = (number: number) => ({ kind: 'returned', number, events: [], end: number === 3 }) as const;
    expect(story.hears(page(1))).toMatchObject([{ do: 'apply-returned', number: 1 }]);
    story.when({ on: 'returned-applied', session: LIVE, number: 1, end: false });
    expect(story.hears(page(3))).toEqual([]);
    expect(story.hears(page(1))).toMatchObject([{ do: 'apply-returned', number: 1 }]); // once more does no harm
    expect(story.hears(page(2))).toMatchObject([{ do: 'apply-returned', number: 2 }]);
  });
});
