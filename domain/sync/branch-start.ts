import { START_OF_CHAIN, ZERO_HASH } from '../chain.ts';
import type { BranchState } from './branch-state.ts';
import { NOTHING_QUARANTINED, NOTHING_SAID } from './messages.ts';

export interface BranchOptions {
  readonly office: string;
  /** New for every process. */
  readonly instance: string;
  readonly program: string;
  readonly mode: 'auto' | 'manual';
  readonly subscribe: 'own' | 'all';
  readonly paused: boolean;
  readonly fenced: boolean;
  readonly claiming: boolean;
}

export function startBranch(
  options: BranchOptions,
  last = START_OF_CHAIN,
  acked = START_OF_CHAIN,
): BranchState {
  return {
    ...options,
    granted: options.subscribe,
    isWindowOpen: true,
    asked: null,
    linkUp: false,
    phase: { name: 'offline' },
    nonce: '',
    session: 0,
    last,
    greetedLast: last,
    acked,
    safeSeq: 0,
    up: {
      nextSeq: acked.seq + 1,
      reading: false,
      inFlight: [],
      rewoundTo: null,
      probes: 0,
      probeAtMs: 0,
      probe: 0,
      probedTo: 0,
    },
    feed: {
      cursor: { feedEpoch: 1, position: 0, hash: ZERO_HASH },
      end: 0,
      applying: false,
      pulling: false,
      runsFrom: '',
      beaconsFrom: '',
      pulls: 0,
      outrun: false,
    },
    attempts: 0,
    deadlineMs: 0,
    lastContactAtMs: 0,
    answers: '',
    datasets: { said: NOTHING_SAID, now: null, tellAtMs: 0 },
    quarantined: NOTHING_QUARANTINED,
    problem: null,
  };
}
