import { START_OF_CHAIN } from '../../domain/chain.ts';
import { stepHead } from '../../domain/sync/head.ts';
import { type HeadEffect, type HeadInput, type HeadState, startHead } from '../../domain/sync/head-state.ts';
import type { GreetingOutcome } from '../../domain/sync/greeting.ts';
import type { Hello, UpMessage } from '../../domain/sync/messages.ts';
import { TestPorts } from './sync-ports.ts';

export type Body<M> = M extends unknown ? Omit<M, 'office' | 'instance' | 'nonce'> : never;

export const LIVE = { nonce: 'n1', instance: 'i1' };
export const OTHER = { nonce: 'n2', instance: 'i2' };
/** The holder of the lease, in a session of its own after it was asked to greet again. */
export const AGAIN = { ...LIVE, nonce: 'n1-again' };

/** The head's end of one branch, told input by input. */
export class HeadStory {
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

export const hello = (session = LIVE): Hello => ({
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

export const welcome = (session = LIVE): GreetingOutcome =>
  ({
    verdict: 'welcome',
    message: { kind: 'welcome', nonce: session.nonce },
    row: {},
    mint: null,
  }) as GreetingOutcome;
export const refused = (session = LIVE): GreetingOutcome => ({
  verdict: 'refused',
  isOtherDatabase: true,
  holder: LIVE.instance,
  message: { kind: 'refused', nonce: session.nonce, reason: 'lease-held', detail: '', cursor: null },
});

export function greeted(session = LIVE, story = new HeadStory()): HeadStory {
  story.when({ on: 'greeted', hello: hello(session), subscribe: 'own', outcome: welcome(session) });
  return story;
}

/** Greeted, and heard from already, so that no lease is due. */
export function connected(): HeadStory {
  const story = greeted();
  story.hears({ kind: 'probe', number: 1, upTo: 0 });
  return story;
}

export const batch = {
  kind: 'batch',
  firstSeq: 1,
  before: START_OF_CHAIN.hash,
  after: START_OF_CHAIN.hash,
  events: [],
} as const;
