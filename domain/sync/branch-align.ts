import { type ChainPoint, sameBytes, START_OF_CHAIN, ZERO_HASH } from '../chain.ts';
import type { Ports } from '../ports.ts';
import { pullIfBehind, withFeed } from './branch-feed.ts';
import type { BranchEffect, BranchInput, BranchState, BranchStep, Phase } from './branch-state.ts';
import { also, greetLater, same, send } from './branch-step.ts';
import { pump } from './branch-up.ts';
import { backoffMs, LIMITS } from './limits.ts';
import type { Grant, Own, Welcome } from './messages.ts';

/** From the head's welcome to streaming: which of the outcomes of a greeting is it, and what mends it? */
export function hearWelcome(state: BranchState, welcome: Welcome, ports: Ports): BranchStep {
  if (state.phase.name !== 'greeting') return same(state);
  const { nonce } = state;
  return {
    state: {
      ...state,
      ...answerAwaited(state, ports),
      session: welcome.session,
      granted: welcome.subscribe,
      phase: { name: 'locating', welcome },
    },
    effects: [locate(nonce, welcome)],
  };
}

function locate(nonce: string, { head, session, cursor }: Welcome): BranchEffect {
  return { do: 'locate', nonce, head, session, seq: cursor.seq };
}

/** `hashAtCursor`: the own hash where the head stands; null when the own log ends before it. */
export function located(state: BranchState, hashAtCursor: Uint8Array | null, ports: Ports): BranchStep {
  if (state.phase.name !== 'locating') return same(state);
  const { welcome } = state.phase;
  if (welcome.returnAfter !== null) return returnHead(state, welcome, ports);
  const [moved, effects] = moveFeed(state, welcome);
  const { cursor } = welcome;
  if (hashAtCursor !== null && sameBytes(hashAtCursor, cursor.hash)) {
    return also(stream(moved, cursor, welcome, ports), ...effects);
  }
  return also(align(moved, welcome, alignFrom(state, welcome), ports), ...effects);
}

/** The last place that both logs are known to share. */
function alignFrom(state: BranchState, welcome: Welcome): ChainPoint {
  const theirs = welcome.hashAtYourLast;
  if (theirs !== null && sameBytes(theirs, state.greetedLast.hash)) return state.greetedLast;
  return state.acked.seq <= welcome.cursor.seq ? state.acked : START_OF_CHAIN;
}

function returnHead(state: BranchState, welcome: Welcome, ports: Ports): BranchStep {
  return {
    state: { ...state, ...answerAwaited(state, ports), phase: { name: 'returning', welcome } },
    effects: [{ do: 'return-head', nonce: state.nonce, tip: welcome.returnAfter!.tip }],
  };
}

/** The head holds all that was returned: go on as if it had never lost it. */
export function headTookReturned(state: BranchState, ports: Ports): BranchStep {
  if (state.phase.name !== 'returning') return same(state);
  const welcome: Welcome = { ...state.phase.welcome, returnAfter: null };
  return {
    state: { ...state, ...answerAwaited(state, ports), phase: { name: 'locating', welcome } },
    effects: [locate(state.nonce, welcome)],
  };
}

/** Into another life of the feed, and with it back to what the restored head still acknowledges. */
function moveFeed(state: BranchState, welcome: Welcome): [BranchState, BranchEffect[]] {
  const { feed } = welcome;
  const { cursor } = state.feed;
  if (feed.feedEpoch === cursor.feedEpoch && feed.position === cursor.position) return [state, []];
  const hash = feed.position === cursor.position ? cursor.hash : ZERO_HASH;
  const moved = { ...feed, hash };
  const acked = state.acked.seq <= welcome.cursor.seq ? state.acked : START_OF_CHAIN;
  return [{ ...withFeed(state, { cursor: moved }), acked }, [{ do: 'move-feed', cursor: moved, acked }]];
}

function align(state: BranchState, welcome: Welcome, common: ChainPoint, ports: Ports): BranchStep {
  const phase: Phase = { name: 'aligning', welcome, common, tail: [], isMatching: false };
  const isBehind = common.seq === state.last.seq;
  return also(
    fetchAfter({ ...state, phase }, common.seq, ports),
    { do: 'hold-appends', held: isBehind }, // a sale written now would begin a fork; the wait is short
  );
}

function fetchAfter(state: BranchState, after: number, ports: Ports): BranchStep {
  return {
    state: { ...state, ...answerAwaited(state, ports) },
    effects: [send(state, { kind: 'fetch', after })],
  };
}

export function hearOwn(state: BranchState, message: Own): BranchStep {
  if (state.phase.name !== 'aligning') return same(state);
  const { common, tail, isMatching } = state.phase;
  const reached = tail.at(-1)?.event.seq ?? common.seq;
  if (isMatching || message.afterSeq !== reached) return same(state); // an answer that was asked for twice
  return {
    state: { ...state, phase: { ...state.phase, isMatching: true } },
    effects: [{ do: 'match-own', nonce: state.nonce, message, tail }],
  };
}

type Matched = Extract<BranchInput, { on: 'own-matched' }>;

export function matched(state: BranchState, found: Matched, ports: Ports): BranchStep {
  if (state.phase.name !== 'aligning') return same(state);
  const { phase } = state;
  if (found.common.seq < phase.common.seq) return align(state, phase.welcome, START_OF_CHAIN, ports);
  const common = phase.tail.length > 0 ? phase.common : found.common;
  const tail = [...phase.tail, ...found.rest];
  const isBehind = phase.tail.length === 0 && common.seq === state.last.seq;
  const aligning: Phase = { ...phase, common, tail: isBehind ? [] : tail, isMatching: false };
  const next = { ...state, ...answerAwaited(state, ports), phase: aligning };
  if (isBehind && tail.length > 0)
    return { state: next, effects: [{ do: 'restore-own', common, events: tail }] };
  const reached = tail.at(-1)?.event.seq ?? common.seq;
  if (reached < found.end.seq) return fetchAfter(next, reached, ports);
  if (tail.length === 0) return stream(next, common, phase.welcome, ports);
  const forking: Phase = { name: 'forking', isGranted: false, common, tail, end: found.end };
  return { state: { ...next, phase: forking }, effects: [send(state, { kind: 'fork', common })] };
}

/** Own events came back from the head and are in the log again, up to `upTo`. */
export function restored(state: BranchState, upTo: ChainPoint, ports: Ports): BranchStep {
  if (state.phase.name !== 'aligning') return same(state);
  const { welcome } = state.phase;
  const next: BranchState = { ...state, phase: { ...state.phase, common: upTo } };
  if (upTo.seq < welcome.cursor.seq) return fetchAfter(next, upTo.seq, ports);
  return stream(next, upTo, welcome, ports);
}

export function hearGrant(state: BranchState, grant: Grant, ports: Ports): BranchStep {
  if (state.phase.name !== 'forking' || state.phase.isGranted) return same(state);
  const { common, tail, end } = state.phase;
  return {
    state: { ...state, ...answerAwaited(state, ports), phase: { ...state.phase, isGranted: true } },
    effects: [{ do: 'refork', common, tail, end, epoch: grant.epoch }],
  };
}

/** All is as it should be: send from where the head stands. */
function stream(state: BranchState, at: ChainPoint, welcome: Welcome, ports: Ports): BranchStep {
  if (at.seq > state.last.seq) return greetLater(state, null, ports);
  const streaming: BranchState = {
    ...state,
    phase: { name: 'streaming' },
    acked: at,
    safeSeq: welcome.safeSeq,
    attempts: 0,
    problem: null,
    up: {
      nextSeq: at.seq + 1,
      reading: false,
      inFlight: [],
      rewoundTo: null,
      probes: 0,
      probeAtMs: ports.elapsedMs(), // confirms the session, also when there is nothing to say
      probe: 0,
      probedTo: 0,
    },
    feed: {
      ...state.feed,
      end: welcome.feedEnd,
      pulling: false,
      pulls: 0,
      outrun: false,
      runsFrom: '',
      beaconsFrom: '',
    },
    // A repair may have moved all places: what is here now is what there was to sync.
    asked: state.asked && { upTo: state.last.seq, feedTo: welcome.feedEnd, probe: 0 },
  };
  const pumped = pump(streaming);
  const pulled = pullIfBehind(pumped.state, ports);
  const opened: BranchEffect[] = [
    { do: 'save-acked', acked: at, safeSeq: welcome.safeSeq },
    { do: 'hold-appends', held: false },
    { do: 'consume-feed', wanted: true },
    ...(state.claiming ? [{ do: 'unfence' } as const] : []),
  ];
  return { state: pulled.state, effects: [...opened, ...pumped.effects, ...pulled.effects] };
}

/** No answer by then: greet again, and be more patient each time. */
function answerAwaited({ attempts }: BranchState, ports: Ports): Pick<BranchState, 'deadlineMs'> {
  const waitMs = Math.max(2 * LIMITS.answerMs, backoffMs(attempts, ports.random()));
  return { deadlineMs: ports.elapsedMs() + waitMs };
}
