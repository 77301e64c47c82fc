import { type ChainPoint, sameBytes } from '../chain.ts';
import type { Ports } from '../ports.ts';
import type { Asked, BranchState, BranchStep, OwnRun, UpState } from './branch-state.ts';
import { also, greet, same, send } from './branch-step.ts';
import { jittered, LIMITS } from './limits.ts';
import type { Ack } from './messages.ts';

/** Reads the next batch when there is one and the window has room. One read at a time. */
export function pump(state: BranchState): BranchStep {
  const { up, last, phase } = state;
  if (phase.name !== 'streaming' || up.reading || up.nextSeq > last.seq || isWindowFull(up))
    return same(state);
  return {
    state: { ...state, up: { ...up, reading: true } },
    effects: [{ do: 'read-own', nonce: state.nonce, after: up.nextSeq - 1 }],
  };
}

function isWindowFull({ inFlight }: UpState): boolean {
  const bytes = inFlight.reduce((sum, batch) => sum + batch.bytes, 0);
  return inFlight.length >= LIMITS.windowBatches || bytes >= LIMITS.windowBytes;
}

export function ownRead(state: BranchState, run: OwnRun, ports: Ports): BranchStep {
  const last = run.after.seq > state.last.seq ? run.after : state.last; // read before its commit was told of
  const idle = { ...state, last, problem: null, up: { ...state.up, reading: false } };
  if (state.phase.name !== 'streaming') return same(idle);
  const isStale = run.before.seq !== state.up.nextSeq - 1; // the machine rewound while it was read
  if (isStale || run.events.length === 0) return isStale ? pump(idle) : same(idle);
  const bytes = run.events.reduce((sum, event) => sum + event.length, 0);
  const up: UpState = {
    ...idle.up,
    nextSeq: run.after.seq + 1,
    inFlight: [...idle.up.inFlight, { lastSeq: run.after.seq, lastHash: run.after.hash, bytes }],
    probeAtMs: idle.up.probes > 0 ? idle.up.probeAtMs : ports.elapsedMs() + LIMITS.probeMs,
  };
  const { before, after, events } = run;
  const batch = send(state, {
    kind: 'batch',
    firstSeq: before.seq + 1,
    before: before.hash,
    after: after.hash,
    events,
  });
  const pumped = pump({ ...idle, up });
  return { state: pumped.state, effects: [batch, ...pumped.effects] };
}

export function hearAck(state: BranchState, ack: Ack, ports: Ports): BranchStep {
  if (state.phase.name !== 'streaming') return same(state);
  // It stands before what it once confirmed, or beyond what was written, or somewhere else: ask where.
  const own = ownHashAt(state, ack.at.seq);
  const isElsewhere = own !== null && !sameBytes(ack.at.hash, own);
  if (ack.verdict === 'fork' || ack.at.seq > state.last.seq || isElsewhere) return greet(state, ports);
  if (ack.at.seq < state.acked.seq)
    return isAnswer(state.up, ack) || ack.verdict === 'gap' ? greet(state, ports) : same(state);
  // A place that was not sent from here is no proof: another copy of this office may have filled it.
  const progressed = ack.at.seq > state.acked.seq && own !== null;
  const acked = progressed ? ack.at : state.acked;
  const up = upAfter(state, ack, acked, ports);
  const asked = answered(state.asked, ack);
  const heard: BranchState = { ...state, up, acked, asked, safeSeq: ack.safeSeq, problem: null };
  const saved = progressed || ack.safeSeq !== state.safeSeq;
  const pumped = pump(heard);
  return saved ? also(pumped, { do: 'save-acked', acked, safeSeq: ack.safeSeq }) : pumped;
}

/** What the head reports came with it. */
function answered(asked: Asked | null, { probed }: Ack): Asked | null {
  return asked === null || probed < asked.probe ? asked : { ...asked, probe: 0 };
}

/** Where it is known without reading: at the end of the log, of a batch under way, or at what was confirmed before. */
function ownHashAt({ last, acked, up }: BranchState, seq: number): Uint8Array | null {
  const known = [last, acked].find((point) => point.seq === seq);
  return known?.hash ?? up.inFlight.find((batch) => batch.lastSeq === seq)?.lastHash ?? null;
}

function upAfter(state: BranchState, ack: Ack, acked: ChainPoint, ports: Ports): UpState {
  const inFlight = state.up.inFlight.filter((batch) => batch.lastSeq > acked.seq);
  const nextSeq = Math.max(state.up.nextSeq, acked.seq + 1);
  const up: UpState = {
    ...state.up,
    ...probeNext(state.up, ack, inFlight.length > 0, ports),
    nextSeq,
    inFlight,
  };
  const isProven = ack.verdict === 'gap' || (isAnswer(state.up, ack) && ack.at.seq < state.up.probedTo);
  const isMissing = inFlight.length > 0 && isProven;
  // One report of a gap per round trip: the batches behind the lost one all report the same.
  const isReported = ack.verdict === 'gap' && state.up.rewoundTo === ack.at.seq;
  if (isMissing && !isReported)
    return { ...up, nextSeq: ack.at.seq + 1, inFlight: [], rewoundTo: ack.at.seq, probedTo: 0 };
  return acked.seq > state.acked.seq ? { ...up, rewoundTo: null } : up;
}

/** To the last probe: the answer to an earlier one, on a slow line, says nothing about what was sent since. */
function isAnswer({ probe }: UpState, { probed }: Ack): boolean {
  return probed !== 0 && probed === probe;
}

/** While a probe is under way the next one waits its turn: on a slow line answers to earlier ones come in between. */
function probeNext(
  up: UpState,
  ack: Ack,
  isWaiting: boolean,
  ports: Ports,
): Pick<UpState, 'probes' | 'probeAtMs'> {
  if (up.probes > 0 && !isAnswer(up, ack)) return up;
  const waitMs = isWaiting ? LIMITS.probeMs : LIMITS.idleProbeMs;
  return { probes: 0, probeAtMs: ports.elapsedMs() + jittered(waitMs, ports.random()) };
}

/** Batches without an answer are followed by a probe, never sent again on a timer. Also keeps the lease of a quiet branch. */
export function probeIfQuiet(state: BranchState, ports: Ports): BranchStep {
  const { up } = state;
  if (ports.elapsedMs() < up.probeAtMs) return pump(state);
  if (up.probes >= 5) return greet(state, ports);
  const delayMs = Math.min(LIMITS.probeMs * 2 ** (up.probes + 1), LIMITS.probeMaxMs);
  const probeAtMs = ports.elapsedMs() + jittered(delayMs, ports.random());
  return probe({ ...state, up: { ...up, probes: up.probes + 1, probeAtMs } });
}

export function probe(state: BranchState): BranchStep {
  const upTo = state.up.nextSeq - 1;
  const number = state.up.probe + 1;
  const probed = { ...state, up: { ...state.up, probe: number, probedTo: upTo } };
  return also(pump(probed), send(state, { kind: 'probe', number, upTo }));
}

/** A probe that somebody waits for is not left to the idle timer when it is lost. */
export function probeSoonAgain({ state, effects }: BranchStep, ports: Ports): BranchStep {
  const probeAtMs = Math.min(state.up.probeAtMs, ports.elapsedMs() + LIMITS.probeMs);
  return { state: { ...state, up: { ...state.up, probeAtMs } }, effects };
}
