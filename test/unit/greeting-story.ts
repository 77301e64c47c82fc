import {
  answerHello,
  type GreetingFacts,
  type GreetingOutcome,
  type KnownOffice,
} from '../../domain/sync/greeting.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { type HeadTip, type Hello, NOTHING_QUARANTINED } from '../../domain/sync/messages.ts';
import { cursorAt, hashOf, point } from './sync-branch-story.ts';
import { NOON_MS } from './sync-ports.ts';

export const tip = (seq: number): HeadTip => ({ epoch: 1, seq, hash: hashOf(seq) });

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
export function office(changes: Partial<KnownOffice> = {}): KnownOffice {
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
    quarantined: NOTHING_QUARANTINED,
    ...changes,
  };
}

type Welcomed = Extract<GreetingOutcome, { verdict: 'welcome' }>;

/** given(what the head knows).when(a branch greets).thenWelcomed(...) or .thenRefused(...) */
export function given(known: KnownOffice | null = office(), known2: Partial<GreetingFacts> = {}) {
  return {
    when(changes: Partial<Hello> = {}) {
      const outcome = answerHello(hello(changes), known, facts(known2));
      return {
        thenWelcomed(message: Partial<Welcomed['message']>, rest: Partial<Omit<Welcomed, 'message'>> = {}) {
          expect(outcome).toMatchObject({ verdict: 'welcome', message, ...rest });
        },
        thenRefused(reason: string, more: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) {
          expect(outcome).toMatchObject({
            verdict: 'refused',
            message: { kind: 'refused', nonce: 'n2', reason, ...more },
            ...rest,
          });
        },
      };
    },
  };
}
