import type { ChainPoint } from '../chain.ts';
import { assertInvariant, assertNever } from '../errors.ts';
import type { Ports } from '../ports.ts';
import {
  headTookReturned,
  hearGrant,
  hearOwn,
  hearWelcome,
  located,
  matched,
  restored,
} from './branch-align.ts';
import { effectFailed, sendFailed } from './branch-failure.ts';
import {
  appliedFeed,
  hearBeacon,
  hearFeed,
  hearPulled,
  pullAgain,
  pullIfBehind,
  withFeed,
} from './branch-feed.ts';
import {
  type Asked,
  type BranchInput,
  type BranchState,
  type BranchStep,
  UNKNOWN_END,
} from './branch-state.ts';
import { claim, unfenced } from './branch-claim.ts';
import { datasetsChanged, isToTellDatasets } from './branch-datasets.ts';
import { noteReport } from './branch-report.ts';
import { hearRefused } from './branch-refusal.ts';
import { also, begin, greet, handOver, isWanted, leave, same, send, unfence } from './branch-step.ts';
import { hearAck, ownRead, probe, probeIfQuiet, probeSoonAgain, pump } from './branch-up.ts';
import { LIMITS } from './limits.ts';
import type { Adopt, DownMessage } from './messages.ts';

/**
 * The branch's end of the protocol: `step(state, input) -> { state, effects }`; branch-state.ts draws the phases.
 * The production shell and the simulator carry out the same effects.
 */
export function stepBranch(state: BranchState, input: BranchInput, ports: Ports): BranchStep {
  const step = endIfDrained(react(state, input, ports));
  assertBranch(state, step.state);
  return step;
}

/** What must always hold; stays on in production. */
function assertBranch(before: BranchState, after: BranchState): void {
  const { up, acked, last, phase } = after;
  if (phase.name !== 'streaming') return;
  assertInvariant(acked.seq <= last.seq, 'nothing is acknowledged that was not written', {
    acked: acked.seq,
    last: last.seq,
  });
  assertInvariant(up.nextSeq > acked.seq, 'nothing acknowledged is sent again', {
    nextSeq: up.nextSeq,
    acked: acked.seq,
  });
  assertInvariant(up.nextSeq <= last.seq + 1, 'only what was written is sent', {
    nextSeq: up.nextSeq,
    last: last.seq,
  });
  const isSameSession = before.nonce === after.nonce && before.phase.name === 'streaming';
  assertInvariant(
    !isSameSession || acked.seq >= before.acked.seq,
    'acknowledgements never go back within a session',
  );
}

function react(state: BranchState, input: BranchInput, ports: Ports): BranchStep {
  switch (input.on) {
    case 'link-up':
      return begin({ ...state, linkUp: true }, ports);
    case 'link-down':
      return goOffline(state, input);
    case 'tick':
      return onTick(state, ports);
    case 'window':
      return windowMoved(state, input.isOpen, ports);
    case 'appended':
      return input.last.seq <= state.last.seq ? same(state) : pump(grown(state, input.last));
    case 'datasets-changed':
      return datasetsChanged(state, input.datasets, ports);
    case 'pause':
      return leave({ ...state, paused: true, asked: null }, [{ do: 'save-paused', paused: true }]);
    case 'resume':
      return also(begin({ ...state, paused: false }, ports), { do: 'save-paused', paused: false });
    case 'sync-now':
      return syncNow(state, ports);
    case 'claim':
      return claim(state, ports);
    case 'stop':
      return leave(state, []);
    case 'message':
      return hear(state, input.message, ports);
    default:
      return onResult(state, input, ports);
  }
}

type Result = Exclude<
  BranchInput,
  {
    on:
      | 'link-up'
      | 'link-down'
      | 'tick'
      | 'window'
      | 'appended'
      | 'datasets-changed'
      | 'pause'
      | 'resume'
      | 'sync-now'
      | 'claim'
      | 'stop'
      | 'message';
  }
>;

function onResult(state: BranchState, input: Result, ports: Ports): BranchStep {
  if ('nonce' in input && input.nonce !== state.nonce) return same(state); // of a session that is over
  switch (input.on) {
    case 'greeting-read':
      return sayHello(state, input);
    case 'located':
      return located(state, input.hashAtCursor, ports);
    case 'own-read':
      return ownRead(state, input.run, ports);
    case 'feed-applied':
      return appliedFeed(state, input.cursor, ports);
    case 'own-matched':
      return matched(state, input, ports);
    case 'own-restored':
      return restored(grown(state, input.last), input.last, ports);
    case 'reforked': // the head must find the repaired log on its chain before anything is sent
      return state.phase.name === 'forking'
        ? greet({ ...state, last: input.last }, ports)
        : same({ ...state, last: input.last });
    case 'adopted':
      return also(pump(grown(state, input.last)), send(state, { kind: 'adopted', from: input.from }));
    case 'unfenced':
      return unfenced(state);
    case 'send-failed':
      return sendFailed(state, input, ports);
    case 'failed':
      return effectFailed(state, input, ports);
    default:
      return assertNever(input);
  }
}

/** What is told of the log may come later than what was written after it. */
function grown(state: BranchState, last: ChainPoint): BranchState {
  return last.seq > state.last.seq ? { ...state, last } : state;
}

function hear(state: BranchState, message: DownMessage, ports: Ports): BranchStep {
  if (message.kind === 'feed')
    return state.phase.name === 'streaming' ? hearFeed(state, message, ports) : same(state);
  // A head that was restarted does not know the session that it asks to be begun anew.
  const isAnyones = message.kind === 'greet-again' && message.nonce === '';
  if (message.nonce !== state.nonce && !isAnyones) return same(state);
  const heard = { ...state, lastContactAtMs: ports.nowMs() };
  switch (message.kind) {
    case 'welcome':
      return noteReport(hearWelcome(heard, message, ports), message.quarantined);
    case 'refused':
      return hearRefused(heard, message, ports);
    case 'ack':
      return noteReport(hearAck(heard, message, ports), message.quarantined);
    case 'own':
      return hearOwn(heard, message);
    case 'grant':
      return hearGrant(heard, message, ports);
    case 'pulled':
      return hearPulled(heard, message, ports);
    case 'beacon':
      return heard.phase.name === 'streaming' ? hearBeacon(heard, message, ports) : same(heard);
    case 'adopt':
      return hearAdopt(heard, message);
    case 'stranded-taken':
      return heard.phase.name === 'fenced'
        ? same({ ...heard, phase: { name: 'fenced', handedOver: true }, acked: heard.last }) // nothing is pending
        : same(heard);
    case 'greet-again':
      return hearGreetAgain({ ...heard, answers: message.token ?? heard.answers }, ports);
    case 'returned-taken':
      return headTookReturned(heard, ports);
    default:
      return assertNever(message);
  }
}

function hearGreetAgain(state: BranchState, ports: Ports): BranchStep {
  if (state.phase.name === 'fenced') return unfence(state, ports);
  const isUnderWay = state.phase.name === 'greeting' || state.phase.name === 'refused';
  return isUnderWay || !isWanted(state) ? same(state) : greet(state, ports);
}

function sayHello(
  state: BranchState,
  { position }: Extract<BranchInput, { on: 'greeting-read' }>,
): BranchStep {
  if (state.phase.name !== 'greeting') return same(state);
  const { session, last, acked, feed, headTips, datasets } = position;
  const known: BranchState = {
    ...withFeed(state, { cursor: feed }),
    session,
    last: last.seq < state.last.seq ? state.last : last, // a sale may have been written since it was read
    greetedLast: last,
    acked,
    datasets: { ...state.datasets, said: datasets },
  };
  const { subscribe, answers } = state;
  const versions = { wire: LIMITS.wireVersion, program: state.program };
  const hello = {
    kind: 'hello' as const,
    session,
    last,
    acked,
    feed,
    headTips,
    subscribe,
    versions,
    datasets,
    answers,
  };
  return { state: known, effects: [send(known, hello)] };
}

function hearAdopt(state: BranchState, message: Adopt): BranchStep {
  if (state.phase.name !== 'streaming') return same(state);
  return { state, effects: [{ do: 'adopt', message }] };
}

type Down = Extract<BranchInput, { on: 'link-down' }>;

function goOffline(state: BranchState, { reason, type }: Down): BranchStep {
  const phase = state.fenced ? state.phase : ({ name: 'offline' } as const);
  const problem = isWanted(state) ? { type: type ?? 'link-unavailable', detail: reason } : null;
  const feed = { ...state.feed, pulling: false };
  const up = { ...state.up, reading: false, inFlight: [] };
  return {
    state: { ...state, linkUp: false, nonce: '', phase, problem, feed, up },
    effects: [{ do: 'hold-appends', held: false }],
  };
}

function onTick(state: BranchState, ports: Ports): BranchStep {
  if (state.phase.name === 'streaming') return tickStreaming(state, ports);
  if (state.phase.name === 'offline' || state.phase.name === 'idle') return same(state);
  if (!state.linkUp || ports.elapsedMs() < state.deadlineMs) return same(state);
  return state.fenced ? handOver(state, ports) : greet(state, ports);
}

function tickStreaming(state: BranchState, ports: Ports): BranchStep {
  if (isToTellDatasets(state, ports)) return greet({ ...state, attempts: 0 }, ports);
  const probed = probeIfQuiet(state, ports);
  if (probed.state.phase.name !== 'streaming') return probed;
  const pulled = state.feed.pulling ? pullAgain(probed.state, ports) : pullIfBehind(probed.state, ports);
  return { state: pulled.state, effects: [...probed.effects, ...pulled.effects] };
}

/** Outside its hours an office that syncs by itself leaves, unless somebody asked for a sync. */
function windowMoved(state: BranchState, isOpen: boolean, ports: Ports): BranchStep {
  if (isOpen === state.isWindowOpen) return same(state);
  const moved = { ...state, isWindowOpen: isOpen };
  if (isWanted(moved) === isWanted(state)) return same(moved);
  return isOpen ? begin(moved, ports) : leave(moved, []);
}

function syncNow(state: BranchState, ports: Ports): BranchStep {
  if (state.paused) return same(state);
  const asked = { ...state, asked: { upTo: state.last.seq, feedTo: UNKNOWN_END, probe: 0 } };
  if (isOpening(state)) return same(asked); // who asks again and again on a slow line must not begin again and again
  if (state.phase.name !== 'streaming') return begin(asked, ports);
  // Ask both ways at once, whatever the timers say: what the head wrote a moment ago counts as well.
  const outrun = state.feed.outrun || (state.feed.pulling && state.asked === null);
  const probed = probeSoonAgain(probe(withFeed(asked, { end: UNKNOWN_END, outrun })), ports);
  return also(pullIfBehind(awaitReport(probed.state, state.asked), ports), ...probed.effects);
}

/** Who asks again and again waits for the answer that is on its way already, or there would never be one in time. */
function awaitReport(state: BranchState, before: Asked | null): BranchState {
  const probe = before === null || before.probe === 0 ? state.up.probe : before.probe;
  return { ...state, asked: state.asked && { ...state.asked, probe } };
}

/** On the way from a greeting to streaming. */
function isOpening({ nonce, phase }: BranchState): boolean {
  return nonce !== '' && ['greeting', 'locating', 'returning', 'aligning', 'forking'].includes(phase.name);
}

/** A `sync now` ends when both ways are drained; in manual mode the branch then leaves. */
function endIfDrained(step: BranchStep): BranchStep {
  const { state } = step;
  if (state.asked === null || state.claiming || !isDrained(state, state.asked)) return step;
  const done = { ...state, asked: null };
  const left = isWanted(done) ? same(done) : leave(done, []);
  return { state: left.state, effects: [...step.effects, ...left.effects, { do: 'drained' }] };
}

export function isDrained({ phase, acked, feed }: BranchState, { upTo, feedTo, probe }: Asked): boolean {
  const isHeard = phase.name === 'streaming' && probe === 0;
  return isHeard && acked.seq >= upTo && feed.cursor.position >= feedTo;
}
