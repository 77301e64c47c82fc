import type { HeadEffect, HeadState, HeadStep, Session } from './head-state.ts';
import type { ControlMessage } from './messages.ts';

export function same(state: HeadState): HeadStep {
  return { state, effects: [] };
}

/** Distributes `Omit` over a union. */
type Body<M> = M extends unknown ? Omit<M, 'nonce'> : never;

export function reply(session: Session, body: Body<ControlMessage>): HeadEffect {
  return { do: 'send', to: session.instance, message: { ...body, nonce: session.nonce } as ControlMessage };
}
