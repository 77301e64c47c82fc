import type { Ports } from '../ports.ts';
import { withFeed } from './branch-feed.ts';
import type { BranchInput, BranchState, BranchStep } from './branch-state.ts';
import { greetLater, isWanted, same } from './branch-step.ts';
import { backoffMs } from './limits.ts';

/**
 * After the machine broke one of its own rules: what is under way is forgotten, and the head is greeted anew after a
 * while. An office sells on, whatever becomes of its link.
 */
export function beginAnew(state: BranchState, problem: BranchState['problem'], ports: Ports): BranchStep {
  const idle = withFeed({ ...state, problem, nonce: '' }, { applying: false, pulling: false });
  if (state.fenced) return same(idle);
  if (state.linkUp && isWanted(state)) return greetLater(idle, problem, ports);
  return same({ ...idle, phase: { name: state.linkUp ? 'idle' : 'offline' } });
}

export function sendFailed(
  state: BranchState,
  failed: Extract<BranchInput, { on: 'send-failed' }>,
  ports: Ports,
): BranchStep {
  if (!isUnderWay(state)) return same(state);
  return greetLater(state, { type: failed.type, detail: failed.detail }, ports);
}

/** What an effect that could not be carried out leads to: nearly always to a new greeting, which asks the database. */
export function effectFailed(
  state: BranchState,
  failed: Extract<BranchInput, { on: 'failed' }>,
  ports: Ports,
): BranchStep {
  const problem = { type: failed.type, detail: failed.detail };
  if (failed.effect === 'unfence')
    return state.claiming ? greetLater(state, problem, ports) : stillFenced(state, problem, ports);
  const ended = withFeed({ ...state, up: { ...state.up, reading: false } }, { applying: false });
  if (failed.type === 'second-process') return greetLater({ ...state, fenced: false }, problem, ports);
  if (!isUnderWay(state)) return same(state.fenced ? { ...ended, problem } : ended); // it left meanwhile, and stays away
  switch (failed.effect) {
    case 'read-own':
      return same({ ...state, problem, up: { ...state.up, reading: false } }); // the next tick reads again
    case 'apply-feed': // the database knows what became of it: the greeting reads it anew
      return greetLater(withFeed(state, { applying: false }), problem, ports);
    case 'save-acked':
    case 'save-quarantined':
    case 'save-paused':
    case 'consume-feed':
    case 'hold-appends':
    case 'drained':
    case 'send':
      return same({ ...state, problem });
    case 'hand-over':
      return same({ ...state, problem }); // tried again at the deadline
    default:
      return greetLater(state, problem, ports);
  }
}

/** The database still refuses commands: a machine that went on all the same would stream, and never sell again. */
function stillFenced(state: BranchState, problem: BranchState['problem'], ports: Ports): BranchStep {
  const deadlineMs = ports.elapsedMs() + backoffMs(state.attempts, ports.random());
  const phase = { name: 'fenced', handedOver: false } as const;
  return same({ ...state, fenced: true, nonce: '', phase, deadlineMs, problem });
}

/** Whether there is a session, or one is being made. */
function isUnderWay(state: BranchState): boolean {
  return state.linkUp && !state.fenced && isWanted(state) && state.phase.name !== 'idle';
}
