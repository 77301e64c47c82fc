import type { HeadInput } from '../../domain/sync/head-state.ts';
import type { QuarantineReport, UpMessage } from '../../domain/sync/messages.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { point } from './sync-branch-story.ts';
import { type Body, HeadStory, LIVE, OTHER, batch, connected, greeted } from './sync-head-story.ts';

const HELD: QuarantineReport = {
  count: 1,
  items: [
    {
      epoch: 1,
      seq: 4,
      type: 'SaleAmended',
      dataset: 'sales',
      entityId: 'a',
      reason: 'not-allowed',
      detail: 'no',
    },
  ],
};

const applied = (verdict: 'ok' | 'gap' | 'fork', seq: number): HeadInput => ({
  on: 'batch-applied',
  session: LIVE,
  verdict,
  cursor: point(seq),
  safeSeq: 2,
  quarantined: HELD,
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
      quarantined: HELD,
    });
    expect(answers).toEqual([
      {
        do: 'send',
        to: 'i2',
        message: {
          kind: 'ack',
          nonce: 'n2',
          at: point(4),
          safeSeq: 1,
          verdict: 'ok',
          probed: 1,
          quarantined: HELD,
        },
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
        message: {
          kind: 'ack',
          nonce: 'n1',
          at: point(5),
          safeSeq: 2,
          verdict: 'ok',
          probed: 0,
          quarantined: HELD,
        },
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
      {
        on: 'cursor-read',
        probe: 1,
        session: LIVE,
        cursor: point(5),
        safeSeq: 0,
        quarantined: HELD,
      } as const,
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

  it('leaves the session as it is', () => {
    const story = connected();
    const before = story.state;
    story.when(applied('ok', 5));
    story.when({
      on: 'cursor-read',
      probe: 1,
      session: LIVE,
      cursor: point(5),
      safeSeq: 0,
      quarantined: HELD,
    });
    expect(story.state).toEqual(before);
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

describe('a fork at the head', () => {
  it('is granted an epoch', () => {
    const granted = connected().when({ on: 'granted', session: LIVE, epoch: 3, adopt: null });
    expect(granted).toEqual([{ do: 'send', to: 'i1', message: { kind: 'grant', nonce: 'n1', epoch: 3 } }]);
  });
});

describe('a message that cannot be read', () => {
  const unreadable: HeadInput = { on: 'unreadable', detail: 'body is cut short' };

  it('is let pass once: what was damaged on the way is missed, and comes again', () => {
    const story = connected();
    expect(story.when(unreadable)).toEqual([]);
    story.when(applied('ok', 5));
    expect(story.when(unreadable)).toEqual([]);
  });

  it('and one more in a row is answered to the process heard from last, once', () => {
    const story = connected();
    story.when(unreadable);
    expect(story.when(unreadable)).toEqual([
      {
        do: 'send',
        to: 'i1',
        message: {
          kind: 'refused',
          nonce: 'n1',
          reason: 'batch-refused',
          detail: 'The head cannot read what is sent in the name of this office: body is cut short',
          cursor: null,
        },
      },
    ]);
    expect([story.when(unreadable), story.when(unreadable)]).toEqual([[], []]);
  });

  it('is answered to nobody while no process was welcomed', () => {
    const story = new HeadStory();
    for (let i = 0; i < 5; i++) expect(story.when(unreadable)).toEqual([]);
  });

  it('is counted anew in a new session', () => {
    const story = connected();
    story.when(unreadable);
    greeted(OTHER, story);
    expect(story.when(unreadable)).toEqual([]);
  });
});

describe('a refusal', () => {
  it('quotes no more of a batch than fits into a message', () => {
    const refused = connected().when({ on: 'batch-refused', session: LIVE, detail: 'x'.repeat(2_000_000) });
    const [, sent] = refused as [unknown, { message: { detail: string } }];
    expect(sent.message.detail).toHaveLength(LIMITS.refusalDetail);
  });
});
